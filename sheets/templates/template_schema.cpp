#include <sheafline/sheets/load_template.h>

namespace sheafline::sheets {

std::string templateSchema() {
    return R"json({
  "$schema": "http://json-schema.org/draft-07/schema#",
  "title": "Sheafline sheet template",
  "description": "Lengths are in millimeters on the page; the origin is the top left corner.",
  "type": "object",
  "additionalProperties": false,
  "required": ["sheet", "page", "fields"],
  "definitions": {
    "point": {"type": "array", "items": {"type": "number", "minimum": 0}, "minItems": 2, "maxItems": 2},
    "step": {"type": "array", "items": {"type": "number"}, "minItems": 2, "maxItems": 2},
    "four": {"type": "array", "items": {"$ref": "#/definitions/point"}, "minItems": 4, "maxItems": 4,
      "description": "Clockwise from the top left."},
    "share": {"type": "number", "minimum": 0, "maximum": 1}
  },
  "properties": {
    "sheet": {"type": "string", "pattern": "^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$"},
    "page": {"type": "object", "additionalProperties": false, "required": ["width", "height"],
      "properties": {
        "width": {"type": "number", "minimum": 10, "maximum": 2000},
        "height": {"type": "number", "minimum": 10, "maximum": 2000}}},
    "align": {"type": "object", "additionalProperties": false,
      "properties": {
        "fiducials": {"type": "object", "additionalProperties": false, "required": ["side", "centres"],
          "properties": {
            "shape": {"enum": ["square", "circle", "corner"], "default": "square"},
            "side": {"type": "number", "description": "The side of a square, the diameter of a circle, or the arm of a corner."},
            "line": {"type": "number", "description": "Width of the lines of a corner; default: a sixth of side."},
            "centres": {"$ref": "#/definitions/four"}}},
        "image": {"type": "object", "additionalProperties": false, "required": ["file", "width", "centres"],
          "properties": {
            "file": {"type": "string", "description": "The picture of the mark; a relative path starts at the folder of the template."},
            "width": {"type": "number"},
            "centres": {"$ref": "#/definitions/four"}}},
        "page": {"enum": ["outline", "whole"],
          "description": "outline: the paper on a darker background; whole: the image is the page."},
        "orientation": {"type": "object", "additionalProperties": false, "required": ["centre", "side"],
          "description": "A small square that identifies the top left corner.",
          "properties": {"centre": {"$ref": "#/definitions/point"}, "side": {"type": "number"}}}}},
    "qr": {"type": "object", "additionalProperties": false, "required": ["box"],
      "properties": {"box": {"type": "array", "items": {"type": "number"}, "minItems": 3, "maxItems": 3,
        "description": "x, y and side of the area in which the code is searched first."}}},
    "codes": {"type": "array", "items": {"enum": ["qr", "datamatrix", "aztec", "pdf417", "code128", "code39", "ean"]},
      "default": ["qr"], "description": "The kinds of codes to look for. Bars count only on a page that has none of the others."},
    "bubble": {"type": "object", "additionalProperties": false,
      "properties": {
        "radius": {"type": "number", "minimum": 0.2, "maximum": 100},
        "width": {"type": "number", "minimum": 0.2, "maximum": 200, "description": "With height, instead of radius."},
        "height": {"type": "number", "minimum": 0.2, "maximum": 200},
        "shape": {"enum": ["circle", "oval", "square", "bracket"], "default": "circle",
          "description": "The printed shape around the place for a mark."},
        "full": {"$ref": "#/definitions/share", "description": "A bubble that is darker is filled."},
        "faint": {"$ref": "#/definitions/share", "description": "A bubble that is paler is empty; between faint and full, it is flagged."},
        "outlined": {"type": "boolean", "default": true,
          "description": "Whether bubbles have a printed outline, which verifies the page map."}}},
    "fields": {"type": "array", "minItems": 1, "items": {"type": "object", "additionalProperties": false,
      "required": ["name"],
      "properties": {
        "name": {"type": "string", "pattern": "^[A-Za-z_][A-Za-z0-9_]{0,39}$"},
        "type": {"enum": ["choice", "digits", "image"], "default": "choice",
          "description": "image: a part of the page that stays a picture; it needs name and box only."},
        "box": {"type": "array", "items": {"type": "number"}, "minItems": 4, "maxItems": 4,
          "description": "Of an image: x, y, width and height."},
        "points": {"type": "array", "items": {"$ref": "#/definitions/point"},
          "description": "The centers of the bubbles one by one, instead of origin and steps."},
        "count": {"type": "integer", "minimum": 1, "maximum": 1000, "default": 1},
        "first": {"type": "integer", "minimum": 0, "description": "Number of the first one; default: 1."},
        "values": {"oneOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}],
          "description": "One character for each bubble, or a list of texts."},
        "origin": {"$ref": "#/definitions/point", "description": "Center of the first bubble."},
        "columns": {"type": "array", "items": {"type": "object", "additionalProperties": false,
          "required": ["origin", "count"],
          "properties": {"origin": {"$ref": "#/definitions/point"}, "count": {"type": "integer", "minimum": 1}}}},
        "step": {"$ref": "#/definitions/step", "description": "Distance to the next question."},
        "value_step": {"$ref": "#/definitions/step", "description": "Distance to the next bubble."},
        "radius": {"type": "number"},
        "width": {"type": "number", "minimum": 0.2, "maximum": 200, "description": "With height, instead of radius."},
        "height": {"type": "number", "minimum": 0.2, "maximum": 200},
        "shape": {"enum": ["circle", "oval", "square", "bracket"], "default": "circle",
          "description": "The printed shape around the place for a mark."},
        "join": {"type": "boolean", "default": false, "description": "true: one column contains all of them."},
        "rule": {"enum": ["exactly_one", "at_most_one", "any"],
          "description": "How many marks it may have; default: exactly_one for digits, at_most_one for choices."}}}},
    "key": {"type": "string", "description": "CSV of right answers: question,answer,points,wrong,blank."},
    "check": {"type": "string",
      "description": "A pattern that the whole text of the QR code must match, with names of columns in braces: .*/{student}"},
    "differs": {"enum": ["quarantine", "flag"], "default": "quarantine",
      "description": "What happens to a sheet whose code does not match check; flag: it is read with the flag identity:differs."},
    "placeholder": {"type": "string", "pattern": "^[!-~]$", "default": "_",
      "description": "Replaces an empty or double digit in a joined column, so that the others keep their positions."},
    "identity": {"type": "array", "items": {"type": "string"},
      "description": "Columns that tell whose sheet it is: sheets that agree in all of them are scans of the same page."},
    "cancel": {"enum": ["none", "filled"], "default": "none",
      "description": "filled: a cross is a mark, and a filled bubble cancels it."},
    "empty": {"type": "string", "default": "", "description": "The text for a column without an answer."},
    "output": {"type": "array", "items": {"type": "string"}, "description": "The columns of the result: names, ranges such as q1..q60, score, reviewed_by, reviewed_at."}
  }
}
)json";
}

}  // namespace sheafline::sheets
