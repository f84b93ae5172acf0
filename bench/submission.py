"""How fast reports are accepted, as a ratio to the floor: `python -m bench.submission`.

Both run under the same gunicorn on the same machine, in interleaved rounds, without workers.
Load comes from wrk on the same machine: read the ratios, not the rates.
"""

import json
import re
import statistics
import subprocess
import tempfile
from pathlib import Path

import psycopg

from backend.crypto import KeyRing, sign_token
from bench.derivation import photo_of_12_megapixels
from bench.floor import CREATE
from bench.installation import floor, installation, web

ROUNDS = 5
SECONDS = 8
CONNECTIONS = 16
PHONES = 20_000  # so many that chance brings none to its limit
TARGETS = {"json": 0.25, "photo": 0.7}

DATOS = {
    "categoria": "robo",
    "lugar": {"origen": "gps", "lat": -12.0566, "lon": -77.1181, "precision_m": 12},
    "descripcion": "Dos personas en una moto sin placa, se fueron hacia la avenida",
}
# Each request is another phone at another address with another key, as behind a proxy: every
# limit is counted, none is reached.
SCRIPT = """
local tokens, body, kind = {{}}, nil, "{kind}"
for line in io.lines("{tokens}") do tokens[#tokens + 1] = line end
do local file = io.open("{body}", "rb"); body = file:read("*a"); file:close() end
local count = 0
function init(args)
  math.randomseed(os.time() + tonumber(tostring(tokens):match("0x(%x+)"), 16) % 100000)
end
function request()
  count = count + 1
  local any = function() return math.random(0, 2147483647) end
  local key = string.format("%08x-%08x-%08x", count, any(), any())
  return wrk.format("POST", "{path}", {{
    ["Content-Type"] = kind, ["Idempotency-Key"] = key,
    ["Authorization"] = "Bearer " .. tokens[math.random(#tokens)],
    ["X-Forwarded-For"] = "10.0." .. math.random(0, 255) .. "." .. math.random(0, 255),
  }}, body)
end
"""


def main() -> None:
    with installation(YA_TRUSTED_HOPS="1") as environ, tempfile.TemporaryDirectory() as scratch:
        _create_floor_table(environ)
        files = _write_inputs(Path(scratch), environ)
        with web(environ) as ours, floor(environ) as below:
            for name in ("json", "photo"):
                _report(name, *_rounds(name, ours, below, files))


def _rounds(
    name: str, ours: str, below: str, files: dict[str, Path]
) -> tuple[list[float], list[float]]:
    rates: tuple[list[float], list[float]] = ([], [])
    _wrk(name, ours, "/api/v1/alertas", files, seconds=2)
    _wrk(name, below, f"/{name}", files, seconds=2)
    for _ in range(ROUNDS):
        rates[0].append(_wrk(name, ours, "/api/v1/alertas", files))
        rates[1].append(_wrk(name, below, f"/{name}", files))
    return rates


def _wrk(
    name: str, address: str, path: str, files: dict[str, Path], seconds: int = SECONDS
) -> float:
    kind = "application/json" if name == "json" else "multipart/form-data; boundary=frontera"
    script = files["scratch"] / "script.lua"
    script.write_text(SCRIPT.format(kind=kind, tokens=files["tokens"], body=files[name], path=path))
    connections = CONNECTIONS if name == "json" else 4
    done = subprocess.run(
        ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "-s", str(script), address],
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    if "Non-2xx" in done:
        raise SystemExit(done)
    return float(re.search(r"Requests/sec:\s+([\d.]+)", done)[1])


def _write_inputs(scratch: Path, environ: dict[str, str]) -> dict[str, Path]:
    ring = KeyRing.load(Path(environ["YA_KEYS_FILE"]))
    files = {name: scratch / name for name in ("tokens", "json", "photo")} | {"scratch": scratch}
    tokens = (sign_token(ring, "device", f"bench-{phone}") for phone in range(PHONES))
    files["tokens"].write_text("\n".join(tokens))
    files["json"].write_text(json.dumps(DATOS))
    photo = photo_of_12_megapixels()
    files["photo"].write_bytes(
        b'--frontera\r\nContent-Disposition: form-data; name="datos"\r\n\r\n'
        + json.dumps(DATOS).encode()
        + b'\r\n--frontera\r\nContent-Disposition: form-data; name="foto"; filename="f.jpg"\r\n'
        + b"Content-Type: image/jpeg\r\n\r\n"
        + photo
        + b"\r\n--frontera--\r\n"
    )
    print(f"photo: {len(photo) / 1e6:.1f} MB")
    return files


def _create_floor_table(environ: dict[str, str]) -> None:
    url = environ["YA_DATABASE_OWNER_URL"].replace("+psycopg", "")
    with psycopg.connect(url) as connection:
        connection.execute(CREATE)


def _report(name: str, ours: list[float], below: list[float]) -> None:
    ratio = statistics.median(ours) / statistics.median(below)
    print(
        f"{name}: ours {statistics.median(ours):.0f}/s, floor {statistics.median(below):.0f}/s, "
        f"ratio {ratio:.2f} (target {TARGETS[name]})"
    )


if __name__ == "__main__":
    main()
