#include "workers/processor_wire.h"

#include <algorithm>
#include <cmath>

#include <sheafline/shown_text.h>
#include <sheafline/utf8.h>

namespace sheafline {

void writeTexts(WireWriter& out, const std::vector<std::string>& texts) {
    out.u64(texts.size());
    for (const std::string& text : texts) out.text(text);
}

std::vector<std::string> readTexts(WireReader& in) {
    std::vector<std::string> texts;
    for (std::uint64_t left = in.u64(); left > 0; --left) texts.push_back(in.text());
    return texts;
}

void writeParams(WireWriter& out, const ParamValues& params) {
    out.u64(params.size());
    for (const auto& [name, value] : params) {
        out.text(name).flag(value.is_list).text(value.text);
        writeTexts(out, value.list);
    }
}

ParamValues readParams(WireReader& in) {
    ParamValues params;
    for (std::uint64_t left = in.u64(); left > 0; --left) {
        ParamValue& value = params[in.text()];
        value.is_list = in.flag();
        value.text = in.text();
        value.list = readTexts(in);
    }
    return params;
}

std::string columnsError(const Reading& reading, std::size_t columns) {
    if (!reading.reason.empty() || reading.values.size() == columns) return {};
    return "the processor gave " + counted(reading.values.size(), "value") + " for " +
           counted(columns, "column");
}

void writeReading(WireWriter& out, const Reading& reading) {
    writeTexts(out, reading.values);
    out.text(reading.flags).real(reading.confidence).text(reading.evidence).text(reading.reason);
}

Reading readReading(WireReader& in) {
    Reading reading;
    reading.values = readTexts(in);
    reading.flags = cleanUtf8(in.text());
    const double confidence = in.real();
    reading.confidence = std::isfinite(confidence) ? std::clamp(confidence, 0.0, 1.0) : 0;
    reading.evidence = cleanUtf8(in.text());
    reading.reason = cleanUtf8(in.text());
    for (std::string& value : reading.values) value = cleanUtf8(value);
    return reading;
}

void writeTask(WireWriter& out, const SheetTask& task) {
    out.i64(task.number)
        .i64(task.attempt)
        .text(task.path.native())
        .i64(task.page)
        .text(task.qr)
        .text(task.group)
        .flag(task.before.has_value());
    if (task.before) writeReading(out, *task.before);
    out.u64(task.decided.size());
    for (const DecidedField& field : task.decided)
        out.text(field.column).text(field.value).text(field.by).text(field.at);
}

SheetTask readTask(WireReader& in) {
    SheetTask task;
    task.number = static_cast<int>(in.i64());
    task.attempt = static_cast<int>(in.i64());
    task.path = in.text();
    task.page = static_cast<int>(in.i64());
    task.qr = in.text();
    task.group = in.text();
    if (in.flag()) task.before = readReading(in);
    for (std::uint64_t left = in.u64(); left > 0; --left) {
        DecidedField& field = task.decided.emplace_back();
        field.column = in.text();
        field.value = in.text();
        field.by = in.text();
        field.at = in.text();
    }
    return task;
}

}  // namespace sheafline
