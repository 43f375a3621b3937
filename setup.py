"""How Forecourt is packaged. Tools are configured in pyproject.toml.

Bundled addons are found by their ``addon.toml``: a new one is packaged and registered without a line here.
"""

import re
import sys
from pathlib import Path
from typing import ClassVar

from setuptools import Command, setup
from setuptools.command.build_py import build_py
from setuptools.command.sdist import sdist

ROOT = Path(__file__).resolve().parent
sys.path.insert(0, str(ROOT))

import _build  # noqa: E402  (the build backend lies beside this file)

RUNTIME = [
    "alembic>=1.16,<2",
    "argon2-cffi>=23.1,<26",
    "Babel>=2.16,<3",
    "click>=8.1,<9",
    "cryptography>=42",
    "granian>=2.8.7,<2.9",
    "holidays>=0.80,<1",
    "huey>=3.5,<4",
    "itsdangerous>=2.2,<3",
    "Jinja2>=3.1.5,<4",
    "limits>=5,<6",
    "msgspec>=0.19,<1",
    "nh3>=0.3,<0.4",
    "packaging>=24",
    "phonenumbers>=9,<10",
    "pluggy>=1.7,<2",
    "prometheus-client>=0.22,<1",
    "psycopg[binary]>=3.2,<4",
    "pyotp>=2.9,<3",
    "python-calamine>=0.5,<1",
    "rapidfuzz>=3.13,<4",
    "segno>=1.6,<2",
    "sqlalchemy>=2.1,<2.2",
    "structlog>=25",
    "tzdata; sys_platform == 'win32'",
    "werkzeug>=3.1.4,<4",
    "wtforms>=3.2,<4",
    "XlsxWriter>=3.2,<4",
    "zxcvbn>=4.5,<5",
]
TEST = [
    "build>=1.2",
    "coverage>=7.6",
    "hypothesis>=6.100",
    "mypy>=2,<3",
    _build.NODE,
    "openapi-spec-validator>=0.8,<1",
    "playwright>=1.50,<2",
    "psutil>=6",
    "pytest>=9,<10",
    "pytest-rerunfailures>=16.7,<17",
    "pytest-xdist>=3.8,<4",
    "ruff>=0.15,<0.18",
    "setuptools>=77",
]
PDF = ["weasyprint>=70,<71"]
"""Papers as PDF; it draws with Pango, which the system has to have (Debian, Ubuntu: libpangoft2-1.0-0)."""
PACKAGE_DATA = [
    "*.toml",
    "py.typed",
    "*.pyi",
    "templates/**/*",
    "static/**/*",
    "static/vendor/.stamp",
    "locale/**/*",
    "migrations/**/*",
    "tables/**/*",
    "CREDITS.md",
]


class BuildAssets(Command):
    """``python setup.py build_assets``: fetch the front-end parts unless they are there."""

    description = "fetch the front-end parts"
    user_options: ClassVar[list[tuple[str, str | None, str]]] = []

    def initialize_options(self) -> None:
        """Nothing to choose."""

    def finalize_options(self) -> None:
        """Nothing to work out."""

    def run(self) -> None:
        """Fetch, or leave everything as it is when ``FORECOURT_ASSETS=skip``."""
        if not _build.skipped():
            _build.ensure(_build.ASSETS, _build.VENDOR)


class BuildPy(build_py):
    """Copies the packages once their front-end parts are there."""

    def run(self) -> None:
        self.run_command("build_assets")
        # The list of data files was made before the parts arrived.
        self.__dict__.pop("data_files", None)
        super().run()


class SourceDist(sdist):
    """Packs the front-end parts too, so that building from the sdist needs no Node."""

    def run(self) -> None:
        self.run_command("build_assets")
        super().run()


def version() -> str:
    """The one version of the distribution, said in ``core/__init__.py``."""
    text = (ROOT / "core" / "__init__.py").read_text(encoding="utf-8")
    found = re.search(r'^__version__ = "([^"]+)"', text, re.MULTILINE)
    if found is None:
        raise SystemExit("core/__init__.py says no __version__")
    return found[1]


def addons() -> list[str]:
    """The bundled addons: folders of ``addons/`` with a manifest."""
    return sorted(file.parent.name for file in ROOT.glob("addons/*/addon.toml"))


def packages() -> list[str]:
    """Core, the bundled addons and their folders that hold modules."""
    found = set()
    for top in ["core", *(f"addons/{name}" for name in addons())]:
        folders = {ROOT / top} | {file.parent for file in (ROOT / top).rglob("*.py")}
        found |= {folder.relative_to(ROOT).as_posix().replace("/", ".") for folder in folders}
    return sorted(found)


def entry_points() -> dict[str, list[str]]:
    """The command, the addons and, for addon authors, the pytest plugin."""
    return {
        "console_scripts": ["forecourt = core.cli:main"],
        "forecourt.addons": [f"{name} = addons.{name}" for name in addons()],
        "pytest11": ["forecourt = core.testing"],
    }


setup(
    name="forecourt",
    version=version(),
    description="A modular platform for car dealerships: contacts, telephony, sales, service, delivery",
    long_description=(ROOT / "README.md").read_text(encoding="utf-8") if (ROOT / "README.md").is_file() else "",
    long_description_content_type="text/markdown",
    author="Forecourt contributors",
    license="MIT",
    license_files=["LICENSE"],
    python_requires=">=3.11",
    classifiers=[
        "Framework :: Pytest",
        "Natural Language :: English",
        "Natural Language :: Russian",
        "Operating System :: OS Independent",
        "Programming Language :: Python :: 3",
        "Typing :: Typed",
    ],
    package_dir={"": "."},
    packages=packages(),
    package_data={"": PACKAGE_DATA},
    include_package_data=False,
    zip_safe=False,
    install_requires=RUNTIME,
    extras_require={"pdf": PDF, "test": [*TEST, *PDF]},
    entry_points=entry_points(),
    cmdclass={"build_assets": BuildAssets, "build_py": BuildPy, "sdist": SourceDist},
)
