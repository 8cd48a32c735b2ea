# Readers of structure files in Python, timed for `npm run bench -- readers`. Reads JSON lines {"reader", "format", "files"} from
# standard input and answers each with the processor time of reading all of them to atoms of the whole cell. To a first line, {},
# the answer says which readers are here.
import importlib.metadata as metadata, json, sys, time, warnings

answers, sys.stdout = sys.stdout, sys.stderr
warnings.filterwarnings("ignore")


def gemmi():
    import gemmi

    def read(path):
        return len(gemmi.read_small_structure(path).get_all_unit_cell_sites())

    return {"cif": read}


def pymatgen():
    from pymatgen.core import Structure

    return {"cif": lambda path: len(Structure.from_file(path))}


def ase():
    from ase.io import read

    return {
        "cif": lambda path: len(read(path)),
        "extxyz": lambda path: sum(len(atoms) for atoms in read(path, index=":", format="extxyz")),
    }


readers, absent = {}, {}
for make in (gemmi, pymatgen, ase):
    try:
        readers[make.__name__] = make()
    except Exception as error:
        absent[make.__name__] = f"{type(error).__name__}: {error}".splitlines()[0]

here = [
    {"name": name, "package": f"{name} {metadata.version(name)}", "formats": list(formats)}
    for name, formats in readers.items()
]
sys.stdin.readline()
print(json.dumps({"here": here, "absent": absent}), file=answers, flush=True)
for line in sys.stdin:
    question = json.loads(line)
    read = readers[question["reader"]][question["format"]]
    atoms = failed = 0
    start = time.process_time()
    for path in question["files"]:
        try:
            atoms += read(path)
        except Exception:
            failed += 1
    seconds = time.process_time() - start
    print(json.dumps({"seconds": seconds, "atoms": atoms, "failed": failed}), file=answers, flush=True)
