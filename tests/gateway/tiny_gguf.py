"""Writes a language model of half a megabyte with random weights, for the real llama.cpp.

Such a model writes noise. With a grammar that allows only one text it writes that text, token by
token, and everything but the meaning is real. The format is GGUF version 3, as described in
`docs/gguf.md` of the ggml project; the architecture is `llama`.
"""

import random
import struct
from array import array
from pathlib import Path

WIDTH, INNER, LAYERS, HEADS, CONTEXT = 64, 128, 2, 4, 8192

_ASCII = [chr(code) for code in range(33, 127)]
# SentencePiece writes a blank as U+2581.
TOKENS = ["<unk>", "<s>", "</s>", *(f"<0x{byte:02X}>" for byte in range(256)), "▁", *_ASCII]
# Kinds of tokens: 1 normal, 2 unknown, 3 control, 6 a byte.
_KINDS = [2, 3, 3, *[6] * 256, *[1] * (1 + len(_ASCII))]

_U32, _I32, _F32, _STRING, _ARRAY = 4, 5, 6, 8, 9
_ALIGNMENT = 32


def write(path: Path, seed: int = 1) -> None:
    """The same seed writes the same file."""
    draw = random.Random(seed)
    tensors = _tensors(draw)
    head = b"GGUF" + struct.pack("<IQQ", 3, len(tensors), len(_META))
    for key, value in _META:
        head += _string(key) + value
    offset = 0
    for name, (shape, data) in tensors.items():
        head += _string(name) + struct.pack("<I", len(shape))
        head += struct.pack(f"<{len(shape)}Q", *shape) + struct.pack("<IQ", 0, offset)
        offset += _padded(len(data))
    body = b"".join(data.ljust(_padded(len(data)), b"\0") for _, data in tensors.values())
    path.write_bytes(head.ljust(_padded(len(head)), b"\0") + body)


def _tensors(draw: random.Random) -> dict[str, tuple[tuple[int, ...], bytes]]:
    shapes: dict[str, tuple[int, ...]] = {"token_embd.weight": (WIDTH, len(TOKENS))}
    for layer in range(LAYERS):
        block = f"blk.{layer}"
        shapes[f"{block}.attn_norm.weight"] = (WIDTH,)
        for part in ("attn_q", "attn_k", "attn_v", "attn_output"):
            shapes[f"{block}.{part}.weight"] = (WIDTH, WIDTH)
        shapes[f"{block}.ffn_norm.weight"] = (WIDTH,)
        shapes[f"{block}.ffn_gate.weight"] = (WIDTH, INNER)
        shapes[f"{block}.ffn_up.weight"] = (WIDTH, INNER)
        shapes[f"{block}.ffn_down.weight"] = (INNER, WIDTH)
    shapes["output_norm.weight"] = (WIDTH,)
    shapes["output.weight"] = (WIDTH, len(TOKENS))
    tensors = {}
    for name, shape in shapes.items():
        count = shape[0] * (shape[1] if len(shape) > 1 else 1)
        norm = len(shape) == 1
        values = array("f", (1.0 if norm else draw.gauss(0, 0.1) for _ in range(count)))
        tensors[name] = (shape, values.tobytes())
    return tensors


def _string(text: str) -> bytes:
    data = text.encode()
    return struct.pack("<Q", len(data)) + data


def _u32(value: int) -> bytes:
    return struct.pack("<II", _U32, value)


def _f32(value: float) -> bytes:
    return struct.pack("<If", _F32, value)


def _list(kind: int, items: list[bytes]) -> bytes:
    return struct.pack("<IIQ", _ARRAY, kind, len(items)) + b"".join(items)


def _padded(length: int) -> int:
    return -(-length // _ALIGNMENT) * _ALIGNMENT


_META = [
    ("general.architecture", struct.pack("<I", _STRING) + _string("llama")),
    ("general.name", struct.pack("<I", _STRING) + _string("tiny")),
    ("llama.context_length", _u32(CONTEXT)),
    ("llama.embedding_length", _u32(WIDTH)),
    ("llama.block_count", _u32(LAYERS)),
    ("llama.feed_forward_length", _u32(INNER)),
    ("llama.attention.head_count", _u32(HEADS)),
    ("llama.attention.head_count_kv", _u32(HEADS)),
    ("llama.attention.layer_norm_rms_epsilon", _f32(1e-5)),
    ("llama.rope.dimension_count", _u32(WIDTH // HEADS)),
    ("llama.vocab_size", _u32(len(TOKENS))),
    ("tokenizer.ggml.model", struct.pack("<I", _STRING) + _string("llama")),
    ("tokenizer.ggml.tokens", _list(_STRING, [_string(token) for token in TOKENS])),
    ("tokenizer.ggml.scores", _list(_F32, [struct.pack("<f", 0.0)] * len(TOKENS))),
    ("tokenizer.ggml.token_type", _list(_I32, [struct.pack("<i", kind) for kind in _KINDS])),
    ("tokenizer.ggml.unknown_token_id", _u32(0)),
    ("tokenizer.ggml.bos_token_id", _u32(1)),
    ("tokenizer.ggml.eos_token_id", _u32(2)),
]
