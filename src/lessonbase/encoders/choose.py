"""stub"""


def make_encoder(spec):
    from lessonbase.encoders.onnx import OnnxEncoder

    return OnnxEncoder()
