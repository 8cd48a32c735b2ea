# What ASE and pymatgen read in files, for round-trips.test.ts: a line of JSON for each file named on standard input, as
# {"reader", "file", "format"}: lattice parameters, and sorted sites of atomic numbers with occupancies and fractions.
import json, sys, warnings

warnings.filterwarnings("ignore")
from ase.data import atomic_numbers
from ase.io import read
from pymatgen.core import Structure


def with_ase(file, format):
    atoms = read(file, format={"poscar": "vasp"}.get(format, format))
    cell = list(atoms.cell.cellpar())
    return cell, [[{int(z): 1.0}, list(f)] for z, f in zip(atoms.numbers, atoms.get_scaled_positions(wrap=False))]


def with_pymatgen(file, format):
    if format == "cif":
        from pymatgen.io.cif import CifParser

        structure = CifParser(file).parse_structures(primitive=False)[0]
    elif format == "poscar":
        from pymatgen.io.vasp import Poscar

        structure = Poscar.from_file(file).structure
    else:
        structure = Structure.from_dict(json.load(open(file)))
    sites = []
    for site in structure:
        shares = {}
        for species, amount in site.species.items():
            z = atomic_numbers[species.symbol]
            shares[z] = shares.get(z, 0) + amount
        sites.append([shares, [float(x) for x in site.frac_coords]])
    return list(structure.lattice.parameters), sites


for line in sys.stdin:
    asked = json.loads(line)
    try:
        cell, sites = {"ase": with_ase, "pymatgen": with_pymatgen}[asked["reader"]](asked["file"], asked["format"])
        print(json.dumps({"cell": [float(x) for x in cell], "sites": sites}))
    except Exception as error:
        print(json.dumps({"error": f"{type(error).__name__}: {error}"}))
