"""Whether a word looks like a word: which letters follow which in English prose.

No dictionary knows the names of tools, so words are judged by their letters: ``kubectl`` and
``grafana`` are made of triples that prose has, ``zxqv`` is not.
"""

import re
from functools import lru_cache
from typing import Final

# Two letters and those that may follow them; _ is the edge of a word. The 4,020 triples of the
# 6,966 words that stand in the seed, in Python's own help topics or in two docstrings of its
# library.
_FOLLOWERS: Final = """
_a_bcdefghiklmnprstuvwz _b_acdegiloprtuyz _cabcdefghilmoprstuvy _dabdeijlnorstuwy
_e_acdefghilmnopqrstvx _fabdegilmnoprstu _gacegilmnoprtuz _h_aehilmostuy _i_abcdefglmnoprst
_jainosu _keilnuwy _ladeijlnostz _mabcdeikmorstuy _nabdeijnotux _o_abcdfiklmnoprstuvw
_padeghiklmoprstuvy _q_cnpstu _r_abcefgijkmopstuw _s_acdehijklmnopqrstuwy
_t_abceghijklmoprtuwxyz _u_abcilmnprstu _v_aceiopsuz _wabefhiorstwx _x_abefmnoprstxz _y_einos
_z_cefilo aar ab_abceilnorsuwy ac_acehiklmoqrtuy ad_acdefghijlmorstuvxy aemnx af_efiot
ag_aegimnorstu ahe ai_dfglmnrstvx ajeo ak_aefilprs al_acefghiklmnoprstuvwy am_abeimopst
an_acdegiknostuvwy ap_acdehiloprstw aqu ar_abcdefgijklmnorstwy as_acehiknopstuy
at_abcdefghilmnorstuy au_dglnst avaeioy aw_aeinos ax_ehils ay_beilmos az_ouy ba_bcdgklnrstz
bb_bcelr bc_cdlos bd_abi be_acdefghilnrsty bg_cp bidglnt bj_e blaeiouy bm_io bnaeo
boabdglnorstuvx bpablnor br_aceiou bs_ceioty bt_aflnry bubcdfgilnrsty bvai bwiw by_aenpt bzt
ca_bcdflmnprstuv cbr cc_adeiotu cd_en ce_abdehilmnprs cfg cgir ch_acdefilmnorsuy
ci_adefilmnoprst ck_abdefgilnopstuwy cl_abeiosuy cm_deop cna coadefglmnoprsuv cp_tuy cqu
craeimoy cs_tv ct_abcdefilmnosuvxy cuilmrstu cv_ae cwa cy_cg da_bceilnprsty db_aimory dc_ahlo
dd_abceilrs de_abcdefglmnopqrstvx df_iloru dgem dhe di_acdefgmnorstuvx djaeu dl_eiloy dmai
dn_ios do_bcefgilmnoprtuwz dpou dr_aceiowy ds_hptw dt_aehu duacelmnprst dvaei dwai dx_ dy_ln
ea_bcdfgklmnprstv eb_aioruy ec_aehiklnorstuvwy ed_abdefgilostuwy ee_diklmnprstxz
ef_aefilmoprtu eg_aegimoruy ehaeilo eiglmnprtv ejeu ek_adeils el_acdefilnopstvwy em_abceiopsu
en_acdefghilopqstuvxy eo_bflmnpru ep_aceiloprst eq_u er_abcdefghilmnoprstvwy es_cehilnoprstuy
et_acdefghilmnoprstuvwy euderst ev_aeino ew_acehilors ex_acdehipt ey_bcefosw ezeo
faciklmnrstuvx fbb fc_ fd_os fe_abcdeglnrstw ff_aeilostv fg_ ficdefglnrtvx flaeiouy fmeot
fn_am fo_clnorsu fp_a fr_aeiou fs_beir ft_behimopswy fulnrstz fva fy_i ga_bcilmnprtuv gby
gc_cho gdi ge_abcdlmnorstx gfu gg_eilrs gh_bcelpst gi_bcdefnostv glaeioy gmaet gn_aeimosu
go_aceinoprtu gp_art graeio gs_it gt_ahoy guaeilmors gv_a gwi gy_ gz_it ha_bcdiklnprstuv hbo
hcao hd_air he_abcdefilmnrstuvxy hfau hh_ hi_bcdefglmnoprstv hleioy hm_aeios hnaei
ho_abdeilmnoprstuvw hpu hr_aeiou hs_be ht_bcefhilmstw hubgmnrst hwh hxh hy_ps ia_bglmnrst
ib_bceilmruw ic_aceghiklmorstuy id_abcdegilnostuy ie_cdflnrstvw if_acefioty ig_aeghimnru ii_
ikei il_abcdeilostuy im_abeimopsu in_abcdefghijklmnopstuv io_bdlmnrsu ip_abdefiklprstuz iqu
ir_acdeilmnoprsty is_acdefghijklmnoprstuy it_acefhilmoprstuwy ium ivaeim ix_efilmpt izaeio
jacmnprv jec jit jnd jobeiruy jso judgilmns ka_bghry kbou kdaiot ke_deflnprstwy kf_ail kg_r
ki_elnpt kl_aeioy kneio kobfu kpao kre ks_eiltu ktr ku_bp kw_adi ky_o la_bcdgimnprstuvwyz
lbaor lcahou ld_acdeinorsw le_abcdefglmnoprstvwx lf_or lgo lho li_abcdefgkmnopstvz lju lk_eis
ll_abcdeimnorstuy lm_o ln_aeosu lo_abcdginoprstuvwxy lp_efhrs lrep ls_eot lt_acdehiosty
luabdegmrst lvei lwai ly_gistz lzm ma_bcdgijklnprstxyz mb_cdeilosu mcahp md_ceil
me_abcdegilmnorstwz mfdi mi_cdglmnrstxz mkdeps ml_ceinry mm_aeimouy mn_es mo_bdfgikmnorstuvwz
mp_adefhilnorstuw mro ms_eghtvy mt_ip mu_clmnstx my_ps na_bcdfgilmnprstvw nbilouy
nc_acdehilnortuy nd_abcdefilmoprstuy ne_acdefgijlmnoqrstuvwxy nf_eiloru ng_bcefiloprstu nhaeio
ni_acdefgmnopqstvxz njeu nk_aeins nlaeioy nmaeo nn_aeioty no_bcdimnoprstuvw np_ailrtu nqu nre
ns_acefhilmopstuw nt_aefhiloprsuwy nu_abeilmopstx nv_aeio nwahior nx_i ny_bimotw nze
oacdklmrstu ob_abeijlostuv oc_acehikostu od_abdeioprsuy oe_frsv of_afiot og_adegilnorsuy ohi
oicdlnstz oje ok_aeisu ol_adeiklnostuvy om_abdefiklmnopsy on_acdefgijlmnostuvwyz
oo_dfgklmnoprst op_abcdehilmoprstuy or_abcdegiklmnoprstuwy os_aceiopstuy ot_aefhikost
ou_bcdglnprst ov_aei ow_adehilnstwz ox_eiy oy_emos ozei pa_bcdgimnpqrstuwxy pbaoy pc_ao
pdabfio pe_acdefglnoprst pfiu pg_ar ph_aeiorsy pi_cdeklmnprstx pkeg pl_aeiouy pm_eo pn_au
po_cdilnoprstuw pp_aeilmorsuy pr_aeiou ps_ehitu pt_aehilopsuy pu_blnprst pva pwio py_cdeiprst
pz_ qco ql_ qna qp_ qrt qs_i qte quaeio ra_bcdfgijlmnprstvwy rb_aeio rc_aehilmnpuy rd_aceilsuw
re_abcdefghijlmnopqrstuvw rf_aeilotu rg_aeiopstuv rhae ri_abcdefgklmnopstvxz rju rk_adefilsuw
rl_adeiloy rm_adeilosu rn_aceis ro_abcdfghjklmnoprstuvwxyz rpacort rr_aeioruwy rs_acdehioptu
rt_abcefhilmnorsuwy ruacdegilmnpst rvaefi rw_airx ry_bioptvw sa_bcfgiklmnprstuvwxy sb_o
sc_aehiloru sdaei se_acdefglmnpqrstuvwx sfeiouy sg_iu sh_abdeilnoru si_abcdefglmnoprstvxz sjou
sk_eis sl_aeioy sm_aeiost sn_aiu so_acflmnopru sp_aeiloru sqlru sr_ace ss_adefhilmnoptuw
st_abcdegilmnoprsuwy suabcdefgilmprs sv_c swadeio sy_cmns ta_bcdfgiklmnprstvxyz tb_aory
tc_hlou tdceilo te_abcdefgklmnprstvwx tf_ilopru tgoprz th_adefilmnorsuwxy
ti_abcdefglmnoprstvxz tj_ tk_ei tl_aeiosy tm_aelopstu tn_acefu to_bcdfgiklmnoprstuvwy
tp_ailorsu tr_acefilopstuy ts_aceitw tt_aehiklopruy tuacdfinprst tvai twaeior tx_t ty_lp tz_in
uabdglnrst ub_bcdejlmnprstuw uccdehikt ud_defgilosy ue_cdelnrsu uf_fs ug_aeghimostu
ui_cdeflnrstv ul_adeiklnoptuy um_abeilmnpsu un_abcdefghiklmnopqrstuw uoprtu up_degilopst
ur_abcdegilnprstv us_aehiloprstuy ut_abcdefghiloprstuwy uu_eim ux_ uys uzz va_bcgilnrst vccv
ve_abcdflmnprsy vfa viacdeglnorstv vmo vnu vociklru vpn vs_b vul vy_ vza wabiklnprstvy wb_ wco
wd_os we_abdeilnrsv wfi whaeioy wicdklnprst wleiy wn_egils wo_knru wraio ws_egi wt_hi ww_aw
wxr wz_ xacdfgm xb_m xc_ehl xdi xe_acdlmrs xffr xhae xibcdemnstv xlei xmal xn_ xor xp_aeilmor
xr_w xscip xt_efmrsuvw xx_x xy_ xz_t yad ybeio yc_lo yd_o ye_adlnrstx yfi ygow yient yldeio
ym_abelmop yn_acotu yofntu yp_aehioty yri ys_cehilqty ytehir yvi ywaho yze zaabt zc_
ze_dhlmnrs zfi zilnp zli zma zna zono zta zur zy_ zz_
"""
_SEEN: Final = frozenset(row[:2] + follower for row in _FOLLOWERS.split() for follower in row[2:])
# Shortest word that is judged: of two letters, all are somebody's abbreviation.
_SHORTEST: Final = 3
# Longest: beyond it stand keys and hashes, which are no words and no triggers either.
_LONGEST: Final = 24
# Share of a word's triples that prose does not have, from which it is no word. Of names of tools
# the worst in the cases are npm (2 of 3), pnpm (3 of 4) and dmesg (3 of 5): one alone proves
# nothing.
_STRANGE: Final = 0.5


def strangeness(word: str) -> float:
    """Share in [0, 1] of the triples of *word* (small letters a to z) that prose lacks."""
    edged = f"_{word}_"
    triples = len(edged) - 2
    unseen = sum(edged[at : at + 3] not in _SEEN for at in range(triples))
    return unseen / triples if unseen > 1 else 0.0


@lru_cache(maxsize=20_000)
def strange(word: str) -> bool:
    """Whether *word* is made of letters that do not go together.

    >>> [strange(word) for word in ("kubectl", "grafana", "zxqv", "brwq")]
    [False, False, True, True]
    """
    return _SHORTEST <= len(word) <= _LONGEST and strangeness(word) >= _STRANGE


# Small words that English prose cannot do without; German, French, Spanish or Polish can.
_SMALL_WORDS: Final = (
    "the of and to with is are was for from that this when which by it be not on at before after"
)
_SMALL: Final = frozenset(_SMALL_WORDS.split())
_WORD: Final = re.compile(r"[A-Za-z]+")


def english(text: str) -> bool:
    """Whether *text* has the small words of English, so that :func:`strange` may judge it."""
    words = _WORD.findall(text.lower())
    return sum(word in _SMALL for word in words) >= max(1, len(words) // 16)
