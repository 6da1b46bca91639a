"""App packages made on the spot: a manifest and both icons in a zip."""

import io
import json
import struct
import zipfile
import zlib


def app_package(manifest_id: str, version: str, name: str) -> bytes:
    """A package for every scope, without resource-specific permissions, so that nobody has to consent."""
    manifest = {
        "$schema": "https://developer.microsoft.com/json-schemas/teams/v1.16/MicrosoftTeams.schema.json",
        "manifestVersion": "1.16",
        "version": version,
        "id": manifest_id,
        "developer": {
            "name": "Contoso",
            "websiteUrl": "https://contoso.example",
            "privacyUrl": "https://contoso.example/privacy",
            "termsOfUseUrl": "https://contoso.example/terms",
        },
        "name": {"short": name, "full": f"{name}, the whole name"},
        "description": {"short": "An app to install", "full": "An app to install, upgrade and uninstall."},
        "icons": {"color": "color.png", "outline": "outline.png"},
        "accentColor": "#4464ee",
        "staticTabs": [
            {
                "entityId": "home",
                "name": "Home",
                "contentUrl": "https://contoso.example/home",
                "scopes": ["personal"],
            }
        ],
        "configurableTabs": [
            {"configurationUrl": "https://contoso.example/configure", "scopes": ["team", "groupChat"]}
        ],
        "validDomains": ["contoso.example"],
    }
    package = io.BytesIO()
    with zipfile.ZipFile(package, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("manifest.json", json.dumps(manifest))
        archive.writestr("color.png", square(192, (0x44, 0x64, 0xEE, 0xFF)))
        archive.writestr("outline.png", square(32, (0xFF, 0xFF, 0xFF, 0x00)))
    return package.getvalue()


def square(side: int, colour: tuple[int, int, int, int]) -> bytes:
    """A PNG of one colour (red, green, blue, alpha), `side` pixels wide and high."""
    bit_depth, truecolour_with_alpha = 8, 6
    header = struct.pack(">IIBBBBB", side, side, bit_depth, truecolour_with_alpha, 0, 0, 0)
    unfiltered_row = b"\0" + bytes(colour) * side
    return b"".join(
        [
            b"\x89PNG\r\n\x1a\n",
            _chunk(b"IHDR", header),
            _chunk(b"IDAT", zlib.compress(unfiltered_row * side)),
            _chunk(b"IEND", b""),
        ]
    )


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
