"""Prints an Excel file as JSON, as openpyxl reads it: the cells and the types of each worksheet."""
import json
import sys

import openpyxl
from openpyxl.utils.escape import unescape


def shown(value):
    """What Excel shows: openpyxl keeps the escapes of texts (_x0001_, ST_Xstring of ECMA-376)."""
    return unescape(value) if isinstance(value, str) else value


book = openpyxl.load_workbook(sys.argv[1])
print(json.dumps({
    sheet.title: {
        "frozen": sheet.freeze_panes,
        "rows": [[shown(cell.value) for cell in row] for row in sheet.iter_rows()],
        "types": [[cell.data_type for cell in row] for row in sheet.iter_rows(max_row=50)],
    } for sheet in book.worksheets
}))
