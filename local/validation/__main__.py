"""Write the documents of the validation; the exit code is 1 if a test of the last runs failed."""

import sys

from local.bundle import version_of_this_tree
from local.validation.collecting import ROOT, all_tests
from local.validation.results import read
from local.validation.writing import documents

if __name__ == "__main__":
    results = read()
    for name, text in documents(all_tests(), results, version_of_this_tree("operations")).items():
        path = ROOT / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        print(f"{name}: {len(text.splitlines())} linhas")
    failed = [test.place for test, (passed, cases) in results.cases.items() if passed < cases]
    print("\n".join(f"falhou: {one}" for one in failed) or f"{len(results.cases)} testes com resultado, nenhum falhou")
    sys.exit(1 if failed else 0)
