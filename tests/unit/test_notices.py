import pytest

from local.notices import GATEWAY, PERMISSIVE, LicenceError, notices, permitted


def package(folder, name, *about, texts=()):
    described = folder / f"{name}-1.0.dist-info"
    described.mkdir()
    head = ["Metadata-Version: 2.4", f"Name: {name}", "Version: 1.0", *about]
    (described / "METADATA").write_text("\n".join(head) + "\n", encoding="utf-8")
    for file, text in texts:
        (described / file).write_text(text, encoding="utf-8")
    record = "".join(f"{described.name}/{file},,\n" for file, _ in texts)
    (described / "RECORD").write_text(record, encoding="utf-8")
    return folder


def test_notices_hold_name_version_licence_and_the_text_of_each_package(tmp_path):
    package(tmp_path, "um", "License-Expression: MIT", texts=[("LICENSE.md", "Copyright Um"), ("top_level.txt", "um")])
    package(tmp_path, "dois", "Classifier: License :: OSI Approved :: Apache Software License")
    text = notices(tmp_path, PERMISSIVE)
    assert "um 1.0: MIT\n\nCopyright Um" in text
    assert "dois 1.0: Apache-2.0" in text
    assert text.index("dois") < text.index("um 1.0")


@pytest.mark.parametrize(
    "about", ["License-Expression: GPL-3.0-only", "License: segredo", "Summary: x", "License-Expression: MIT AND X"]
)
def test_a_licence_on_no_list_is_refused_by_name_and_package(tmp_path, about):
    with pytest.raises(LicenceError, match=r"estranho 1\.0"):
        notices(package(tmp_path, "estranho", about), GATEWAY)


def test_lgpl_may_be_in_the_gateway_and_not_in_the_functions(tmp_path):
    name = "License :: OSI Approved :: GNU Lesser General Public License v3 or later (LGPLv3+)"
    package(tmp_path, "biblioteca", f"Classifier: {name}")
    assert "biblioteca 1.0: LGPL-3.0-or-later" in notices(tmp_path, GATEWAY)
    with pytest.raises(LicenceError, match="biblioteca"):
        notices(tmp_path, PERMISSIVE)


def test_own_packages_need_no_notice_and_an_empty_folder_is_refused(tmp_path):
    with pytest.raises(LicenceError, match="no package"):
        notices(package(tmp_path, "sicfar", "License-Expression: MIT"), PERMISSIVE)


@pytest.mark.parametrize(
    ("expression", "fine"),
    [("MIT", True), ("MIT AND ISC", True), ("MIT AND X", False), ("X OR MIT", True), ("(X OR MIT)", True), ("", False)],
)
def test_of_an_or_one_must_be_allowed_of_an_and_every_one(expression, fine):
    assert permitted(expression, PERMISSIVE) is fine
