"""Names known by heart: errno and other codes, exceptions, services, products, file endings.

Chosen by hand. A name is here only if prose does not use it for something else; the modules that
read these lists say what is done about the others.
"""

from typing import Final


def _names(listed: str) -> frozenset[str]:
    return frozenset(listed.split())


# POSIX and Linux errno names, and those of Node's resolver and package manager.
ERRNO_NAMES: Final = _names("""
    E2BIG EACCES EADDRINUSE EADDRNOTAVAIL EAFNOSUPPORT EAGAIN EALREADY EBADF EBADMSG EBUSY ECANCELED
    ECHILD ECONNABORTED ECONNREFUSED ECONNRESET EDEADLK EDEADLOCK EDESTADDRREQ EDOM EDQUOT EEXIST
    EFAULT EFBIG EHOSTDOWN EHOSTUNREACH EIDRM EILSEQ EINPROGRESS EINTR EINVAL EIO EISCONN EISDIR
    ELOOP EMFILE EMLINK EMSGSIZE ENAMETOOLONG ENETDOWN ENETRESET ENETUNREACH ENFILE ENOBUFS ENODATA
    ENODEV ENOENT ENOEXEC ENOLCK ENOMEM ENOMSG ENOPROTOOPT ENOSPC ENOSYS ENOTCONN ENOTDIR ENOTEMPTY
    ENOTRECOVERABLE ENOTSOCK ENOTSUP ENOTTY ENXIO EOPNOTSUPP EOVERFLOW EOWNERDEAD EPERM EPIPE EPROTO
    EPROTONOSUPPORT EPROTOTYPE ERANGE EREMOTEIO EROFS ESHUTDOWN ESPIPE ESRCH ESTALE ETIMEDOUT
    ETXTBSY EUCLEAN EWOULDBLOCK EXDEV
    EBADENGINE EBADPLATFORM EINTEGRITY EJSONPARSE ELIFECYCLE ENEEDAUTH ENOTFOUND ENOVERSIONS
    EPEERINVALID EPUBLISHCONFLICT ERESOLVE ESOCKET ESOCKETTIMEDOUT ETARGET EUSAGE
""")
# Linux numbers of the names that are met in logs: asm-generic/errno.h.
ERRNO: Final = {
    1: "EPERM", 2: "ENOENT", 3: "ESRCH", 4: "EINTR", 5: "EIO", 7: "E2BIG", 8: "ENOEXEC", 9: "EBADF",
    10: "ECHILD", 11: "EAGAIN", 12: "ENOMEM", 13: "EACCES", 14: "EFAULT", 16: "EBUSY",
    17: "EEXIST", 18: "EXDEV", 19: "ENODEV", 20: "ENOTDIR", 21: "EISDIR", 22: "EINVAL",
    23: "ENFILE", 24: "EMFILE", 26: "ETXTBSY", 27: "EFBIG", 28: "ENOSPC", 29: "ESPIPE",
    30: "EROFS", 31: "EMLINK", 32: "EPIPE", 34: "ERANGE", 36: "ENAMETOOLONG", 39: "ENOTEMPTY",
    40: "ELOOP", 71: "EPROTO", 88: "ENOTSOCK", 90: "EMSGSIZE", 95: "EOPNOTSUPP", 98: "EADDRINUSE",
    99: "EADDRNOTAVAIL", 100: "ENETDOWN", 101: "ENETUNREACH", 103: "ECONNABORTED",
    104: "ECONNRESET", 105: "ENOBUFS", 107: "ENOTCONN", 110: "ETIMEDOUT", 111: "ECONNREFUSED",
    112: "EHOSTDOWN", 113: "EHOSTUNREACH", 115: "EINPROGRESS", 116: "ESTALE", 122: "EDQUOT",
}  # fmt: skip
# Reasons and codes of Kubernetes; resolvers and Redis; gRPC; AWS; others; conditions of Argo CD;
# error codes of Kafka's protocol.
CODE_NAMES: Final = _names("""
    BackOff ContainerCannotRun ContainerStatusUnknown CrashLoopBackOff CreateContainerConfigError
    CreateContainerError DeadlineExceeded DiskPressure ErrImageNeverPull ErrImagePull
    FailedAttachVolume FailedBinding FailedCreate FailedCreatePodSandBox FailedMount
    FailedScheduling FailedSync FreeDiskSpaceFailed ImageGCFailed ImageInspectError
    ImagePullBackOff InvalidImageName MemoryPressure MinimumReplicasUnavailable NetworkNotReady
    NetworkPluginNotReady NodeHasDiskPressure NodeHasInsufficientMemory NodeNotReady PIDPressure
    PostStartHookError PreStopHookError ProgressDeadlineExceeded ProvisioningFailed
    RegistryUnavailable RunContainerError VolumeResizeFailed
    NXDOMAIN SERVFAIL BUSYGROUP CLUSTERDOWN CROSSSLOT MISCONF NOAUTH NOGROUP NOREPLICAS NOSCRIPT
    WRONGPASS WRONGTYPE
    ALREADY_EXISTS DATA_LOSS FAILED_PRECONDITION INVALID_ARGUMENT OUT_OF_RANGE UNAUTHENTICATED
    AccessDenied AuthFailure BucketAlreadyExists ExpiredToken InsufficientInstanceCapacity
    InvalidAccessKeyId InvalidClientTokenId InvalidSignature NoSuchBucket NoSuchKey NoSuchUpload
    RequestLimitExceeded RequestTimeTooSkewed SignatureDoesNotMatch SlowDown UnauthorizedOperation
    NOT_FOUND WRONG_VERSION_NUMBER
    COORDINATOR_NOT_AVAILABLE ILLEGAL_GENERATION LEADER_NOT_AVAILABLE NOT_COORDINATOR
    NOT_LEADER_OR_FOLLOWER OFFSET_OUT_OF_RANGE REBALANCE_IN_PROGRESS REQUEST_TIMED_OUT
    UNKNOWN_MEMBER_ID UNKNOWN_TOPIC_OR_PARTITION
    ComparisonError InvalidSpecError SyncError
""")
# Exception types whose name does not say so.
EXCEPTION_NAMES: Final = _names("""
    AutoReconnect BrokenProcessPool BrokenThreadPool BytesWarning ConnectTimeout ConnectionFailure
    DeprecationWarning DoesNotExist FutureWarning GeneratorExit KeyboardInterrupt MissingGreenlet
    MultipleObjectsReturned ObjectDoesNotExist OperationFailure PendingDeprecationWarning
    PoolTimeout ReadTimeout RecordInvalid RecordNotFound RecordNotUnique ResourceWarning
    RuntimeWarning StopAsyncIteration StopIteration SyntaxWarning SystemExit TooManyRedirects
    UserWarning WriteTimeout
    CheckViolation DeadlockDetected ForeignKeyViolation LockNotAvailable NotNullViolation
    QueryCanceled SerializationFailure UndefinedColumn UndefinedTable UniqueViolation
""")

_ALIASES: Final = {
    "argo-cd": "argocd",
    "bedrock-runtime": "bedrock",
    "elastic-search": "elasticsearch",
    "fluentbit": "fluent-bit",
    "gitlab-ci": "gitlab",
    "hikaricp": "hikari",
    "hikaripool": "hikari",
    "k3s": "kubernetes",
    "k8s": "kubernetes",
    "mongo": "mongodb",
    "mongod": "mongodb",
    "mysqld": "mysql",
    "next.js": "nextjs",
    "node.js": "nodejs",
    "otel": "opentelemetry",
    "otel-collector": "opentelemetry",
    "postgresql": "postgres",
    "psql": "postgres",
    "redis-server": "redis",
    "sqlite3": "sqlite",
}
# Name in lower case → canonical name. Names that mean nothing else, most of them made up.
SERVICES: Final = {
    **{
        name: name
        for name in _names("""
    activemq akamai alertmanager alloydb ansible anthropic apparmor appdynamics argocd artifactory
    auth0 bigquery bigtable bitbucket cadvisor cert-manager certbot chromadb chromedriver cilium
    circleci
    clickhouse cloudflare cloudfront cloudwatch cockroachdb containerd coredns couchbase couchdb
    cri-o datadog debezium django dnsmasq docker dynamodb dynatrace ec2 ecs eks elasticache
    elasticsearch etcd external-dns fargate fastapi firestore flink fluent-bit fluentd github gitlab
    gke glusterfs grafana graphql grpc gunicorn hadoop haproxy hbase heroku huggingface influxdb
    ingress-nginx iptables istio jenkins jupyter kafka karpenter keycloak kibana kube-apiserver
    kube-dns kube-proxy kube-scheduler kube-state-metrics kubelet kubernetes kyverno langchain
    langgraph letsencrypt linkerd litellm logstash mariadb memcached milvus minio mlflow mongodb
    mssql mysql neo4j netlify nextjs nfs nginx node-exporter nodejs npm okta ollama openai openldap
    opensearch openshift openssl opentelemetry openvpn pagerduty pgbouncer pgvector phabricator
    podman postgres prometheus proxysql pypi pytest pytorch qdrant rabbitmq rds redis redshift
    rocksdb route53 rsyslog s3 sagemaker salesforce scylladb selinux sendgrid sidekiq snowpipe
    sonarqube splunk sqlalchemy sqlite sqs sshd supabase systemd tensorflow terraform timescaledb
    traefik trino twilio uvicorn uwsgi vercel victoriametrics vitess vllm weaviate webpack wireguard
    wordpress zabbix zipkin zookeeper
""")
    },
    **_ALIASES,
}
# Services whose names are words, too: known by what stands around them.
WORDY_SERVICES: Final = _names("""
    airflow argo athena beam bedrock cassandra celery chef chroma consul envoy glue harbor helm
    jaeger kinesis lambda nats nomad pinecone pulsar puppet ray sentry slack snowflake spark storm
    stripe superset temporal tomcat vault
""")
# Software known by version besides the services: names that are words, too, are safe before one.
PRODUCTS: Final = WORDY_SERVICES | _names("""
    alpine android angular apache bazel boto3 bun cargo centos chrome clang cmake cuda cudnn curl
    debian deno dotnet eslint express fedora firefox flask gcc glibc go golang gradle grpcio guava
    hibernate httpd ios java jdk jest jre kernel kotlin laravel linux llvm lodash log4j macos maven
    mypy next node numpy onnxruntime opencv openjdk pandas perl php pip pnpm poetry prisma protobuf
    pydantic python rails react redhat requests rhel ruby ruff rust rustc safari scala scipy spring
    swift tantivy tls torch transformers typescript ubuntu urllib3 uv varnish vite vue wget windows
    xcode yarn zig
""")
# Those that people name by a whole number.
WHOLE_PRODUCTS: Final = _names("""
    angular centos debian fedora java jdk node nodejs openjdk php postgres postgresql python rhel
    ubuntu windows
""")

# File name endings that tell a file from a word after a full stop without its blank.
FILE_ENDINGS: Final = _names("""
    bash bat c cc cfg cjs conf config cpp cs css csv dart db ejs env ex exe gemspec go gradle h hcl
    hpp html ini ipynb jar java js json jsonl jsx key kt kts less lock log lua map md mdc mjs
    parquet pem php pid pl plist po properties proto ps1 py pyc pyi pyx rb rs rst scala scss service
    sh so sock socket sql sqlite svelte svg swift tf tfstate tfvars toml ts tsx txt vue war wasm whl
    xml yaml yml zig zip zsh
""")
# Ends of host names, which name a place in the net and no code.
DOMAINS: Final = _names(
    "ai app cloud co com de dev edu eu fr gov info io local me net org uk us svc"
)
BRANDS: Final = _names("macOS iPadOS watchOS tvOS webOS openSUSE")
