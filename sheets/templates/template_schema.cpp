#include <sheafline/sheets/load_template.h>

namespace sheafline::sheets {

std::string templateSchema() {
    return R"json({
  "$schema": "http://json-schema.org/draft-07/schema#",
  "title": "Sheafline sheet template",
  "description": "Lengths are millimetres on the page, origin top left.",
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
            "side": {"type": "number", "description": "Of a square; a circle's diameter; an arm of a corner."},
            "line": {"type": "number", "description": "Width of a corner's lines; a sixth of side."},
            "centres": {"$ref": "#/definitions/four"}}},
        "image": {"type": "object", "additionalProperties": false, "required": ["file", "width", "centres"],
          "properties": {
            "file": {"type": "string", "description": "The picture of the mark, beside the template."},
            "width": {"type": "number"},
            "centres": {"$ref": "#/definitions/four"}}},
        "page": {"enum": ["outline", "whole"],
          "description": "outline: the paper on a darker ground; whole: the image is the page."},
        "orientation": {"type": "object", "additionalProperties": false, "required": ["centre", "side"],
          "description": "A small square that tells the top left corner.",
          "properties": {"centre": {"$ref": "#/definitions/point"}, "side": {"type": "number"}}}}},
    "qr": {"type": "object", "additionalProperties": false, "required": ["box"],
      "properties": {"box": {"type": "array", "items": {"type": "number"}, "minItems": 3, "maxItems": 3,
        "description": "x, y and side: where to look first."}}},
    "bubble": {"type": "object", "additionalProperties": false,
      "properties": {
        "radius": {"type": "number", "minimum": 0.2, "maximum": 100},
        "width": {"type": "number", "minimum": 0.2, "maximum": 200, "description": "With height, instead of radius."},
        "height": {"type": "number", "minimum": 0.2, "maximum": 200},
        "shape": {"enum": ["circle", "oval", "square", "bracket"], "default": "circle",
          "description": "What is printed around the place for a mark."},
        "full": {"$ref": "#/definitions/share", "description": "Darkness that decides at once."},
        "faint": {"$ref": "#/definitions/share", "description": "Darkness below which nothing is a mark."},
        "outlined": {"type": "boolean", "default": true,
          "description": "Whether bubbles have a printed outline, by which the reading of a page is proved."}}},
    "fields": {"type": "array", "minItems": 1, "items": {"type": "object", "additionalProperties": false,
      "required": ["name"],
      "properties": {
        "name": {"type": "string", "pattern": "^[A-Za-z_][A-Za-z0-9_]{0,39}$"},
        "type": {"enum": ["choice", "digits"], "default": "choice"},
        "count": {"type": "integer", "minimum": 1, "maximum": 1000, "default": 1},
        "first": {"type": "integer", "minimum": 0, "description": "Number of the first one; 1."},
        "values": {"oneOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}],
          "description": "A letter a bubble, or a list of texts."},
        "origin": {"$ref": "#/definitions/point", "description": "Centre of the first bubble."},
        "columns": {"type": "array", "items": {"type": "object", "additionalProperties": false,
          "required": ["origin", "count"],
          "properties": {"origin": {"$ref": "#/definitions/point"}, "count": {"type": "integer", "minimum": 1}}}},
        "step": {"$ref": "#/definitions/step", "description": "To the next question."},
        "value_step": {"$ref": "#/definitions/step", "description": "To the next bubble."},
        "radius": {"type": "number"},
        "width": {"type": "number", "minimum": 0.2, "maximum": 200, "description": "With height, instead of radius."},
        "height": {"type": "number", "minimum": 0.2, "maximum": 200},
        "shape": {"enum": ["circle", "oval", "square", "bracket"], "default": "circle",
          "description": "What is printed around the place for a mark."},
        "join": {"type": "boolean", "default": false, "description": "One value of all of them."},
        "rule": {"enum": ["exactly_one", "at_most_one", "any"],
          "description": "How many marks it may have; digits exactly_one, choices at_most_one."}}}},
    "key": {"type": "string", "description": "CSV of right answers: question,answer,points,wrong,blank."},
    "check": {"type": "string",
      "description": "A pattern that the QR code's text must match as a whole, with names of fields in braces: .*/{student}"},
    "placeholder": {"type": "string", "pattern": "^[!-~]$", "default": "_",
      "description": "Stands in a joined column for a digit that is empty or double, so that the others keep their places."},
    "cancel": {"enum": ["none", "filled"], "default": "none",
      "description": "filled: a cross is a mark, and a filled bubble takes it back."},
    "empty": {"type": "string", "default": "", "description": "Stands for a column without an answer."},
    "output": {"type": "array", "items": {"type": "string"}, "description": "Columns; ranges such as q1..q60; score."}
  }
}
)json";
}

}  // namespace sheafline::sheets
