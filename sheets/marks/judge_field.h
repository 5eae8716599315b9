// Decides from the darkness in the bubbles of one field what a person would read. Pure.
#pragma once

#include <span>
#include <vector>

#include <sheafline/sheets/read_marks.h>
#include <sheafline/sheets/template.h>

namespace sheafline::sheets {

// What a pen left in one bubble.
struct Trace {
    double fill = 0;          // mean darkness
    double ink = 0;           // darkness of the darkest tenth: of the pen where it went
    double core = 0;          // mean darkness of the inner half
    double around = 0;        // share of the directions in which a pen went around the bubble
    bool print_known = true;  // false: what looks like a stroke may be a printed letter
};

// The scale of one sheet's paper and pen, which decides when a trace is a mark.
struct JudgeScale {
    double noise = 0;             // ink of the empty bubbles
    double pale = 1;              // below 1 where even the marks that are meant are pale
    double full = 0.36;           // fill: above it, the bubble was filled
    double faint = 0.22;          // fill: between it and a mark, a person would ask
    bool filled_cancels = false;  // a cross is a mark, and a filled bubble takes it back
};

// `fields` are the traces of each field's bubbles.
JudgeScale scaleOf(std::span<const std::vector<Trace>> fields, const MarkThresholds& thresholds);

// The chance that a person would call it a mark, from 0 to 1.
double chanceOfMark(const Trace& trace, const JudgeScale& scale);

FieldReading judgeField(const Field& field, const std::vector<Trace>& traces,
                        const JudgeScale& scale);

}  // namespace sheafline::sheets
