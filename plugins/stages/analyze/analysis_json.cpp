#include "analysis_json.h"

#include <sheafline/json_writer.h>

namespace sheafline::analyze {

namespace {

constexpr int kDecimals = 6;
constexpr int kFormat = 1;

std::string_view toString(AnswerKind kind) {
    switch (kind) {
        case AnswerKind::right:
            return "right";
        case AnswerKind::partial:
            return "partial";
        case AnswerKind::wrong:
            return "wrong";
        case AnswerKind::blank:
            return "blank";
        case AnswerKind::unkeyed:
            break;
    }
    return "unkeyed";
}

void write(JsonWriter& json, const std::vector<Remark>& remarks) {
    json.key("remarks").beginArray();
    for (const Remark& remark : remarks)
        json.beginObject().text("code", remark.code).text("message", remark.message).endObject();
    json.endArray();
}

void write(JsonWriter& json, const char* name, const std::vector<double>& values) {
    json.key(name).beginArray();
    for (const double value : values) json.fixed(value, kDecimals);
    json.endArray();
}

// Members of the object that the caller has opened.
void write(JsonWriter& json, const ScoreFigures& scores) {
    json.integer("sheets", scores.sheets)
        .fixed("mean", scores.mean, kDecimals)
        .fixed("standard_deviation", scores.deviation, kDecimals)
        .fixed("lowest", scores.lowest, kDecimals)
        .fixed("lower_quartile", scores.lower_quartile, kDecimals)
        .fixed("median", scores.median, kDecimals)
        .fixed("upper_quartile", scores.upper_quartile, kDecimals)
        .fixed("highest", scores.highest, kDecimals)
        .fixed("reliability", scores.reliability, kDecimals)
        .fixed("standard_error", scores.standard_error, kDecimals);
}

void write(JsonWriter& json, const SheetCounts& sheets) {
    json.key("sheets").beginObject();
    json.text("rows", sheets.noun())
        .integer("total", sheets.total)
        .integer("analyzed", sheets.analyzed)
        .integer("quarantined", sheets.quarantined)
        .integer("discarded", sheets.discarded)
        .integer("incomplete", sheets.incomplete)
        .integer("blank", sheets.blank)
        .integer("duplicates", sheets.duplicates)
        .integer("without_version", sheets.without_version)
        .endObject();
}

void write(JsonWriter& json, const AnswerFigures& answer) {
    json.beginObject()
        .text("value", answer.value)
        .text("kind", toString(answer.kind))
        .fixed("points", answer.points, kDecimals)
        .integer("count", answer.count)
        .fixed("share", answer.share, kDecimals)
        .fixed("mean_rest", answer.mean_rest, kDecimals)
        .fixed("discrimination", answer.discrimination, kDecimals);
    write(json, "share_by_group", answer.share_by_group);
    json.endObject();
}

void write(JsonWriter& json, const QuestionFigures& question) {
    json.beginObject()
        .text("name", question.name)
        .fixed("most_points", question.most_points, kDecimals)
        .fixed("mean", question.mean, kDecimals)
        .fixed("standard_deviation", question.deviation, kDecimals)
        .fixed("difficulty", question.difficulty, kDecimals)
        .fixed("right_share", question.right_share, kDecimals)
        .fixed("blank_share", question.blank_share, kDecimals)
        .fixed("item_rest", question.item_rest, kDecimals)
        .fixed("item_total", question.item_total, kDecimals)
        .fixed("reliability_without", question.reliability_without, kDecimals);
    write(json, "difficulty_by_class", question.difficulty_by_class);
    write(json, question.remarks);
    json.key("answers").beginArray();
    for (const AnswerFigures& answer : question.answers) write(json, answer);
    json.endArray().endObject();
}

}  // namespace

std::string analysisJson(const Analysis& analysis) {
    JsonWriter json;
    json.beginObject()
        .integer("format", kFormat)
        .text("batch_id", analysis.batch_id)
        .text("title", analysis.title);
    write(json, analysis.sheets);
    json.key("exam").beginObject();
    json.integer("questions", analysis.questions.size())
        .fixed("most_points", analysis.most_points, kDecimals)
        .text("reliability_method", analysis.dichotomous ? "KR-20" : "Cronbach's alpha");
    write(json, analysis.exam);
    json.key("group_sizes").beginArray();
    for (const std::int64_t size : analysis.group_sizes) json.integer(size);
    json.endArray().key("histogram").beginArray();
    for (const HistogramBar& bar : analysis.histogram) {
        json.beginObject()
            .fixed("from", bar.from, kDecimals)
            .fixed("to", bar.to, kDecimals)
            .integer("count", bar.count)
            .endObject();
    }
    json.endArray().endObject();
    write(json, analysis.remarks);
    json.text("class_column", analysis.class_column).key("classes").beginArray();
    for (const ClassFigures& each : analysis.classes) {
        json.beginObject().text("name", each.name);
        write(json, each.scores);
        json.endObject();
    }
    json.endArray().key("questions").beginArray();
    for (const QuestionFigures& question : analysis.questions) write(json, question);
    json.endArray().endObject();
    return json.take() + "\n";
}

}  // namespace sheafline::analyze
