// What a person reviews: the answers in doubt, and the finished rows.
//
//     cursor = [ confidence ":" ] sheet [ ":" field ]     ; the field is percent-encoded
#include <algorithm>
#include <charconv>
#include <optional>

#include <Poco/Exception.h>
#include <Poco/JSON/Object.h>
#include <Poco/URI.h>

#include <sheafline/error.h>
#include <sheafline/json_writer.h>

#include "api/bodies/list_page.h"
#include "api/routes/file_routes.h"
#include "api/visible_batch.h"
#include "batch/batch_sheets.h"
#include "batches/answer_json.h"
#include "batches/batch_json.h"
#include "history/review/review_reader.h"

namespace sheafline::api {

namespace {

using http::HttpError;

constexpr std::string_view kDoubtful = "doubtful";

ReviewOrder orderOf(ApiRequest& request) {
    const std::string sort = request.query("sort").value_or("sheet");
    if (sort == "sheet") return ReviewOrder::by_sheet;
    if (sort == "confidence") return ReviewOrder::by_confidence;
    throw HttpError(400, "BAD_QUERY", "'sort' must be sheet or confidence");
}

template <typename Number>
bool takeNumber(std::string_view& text, Number& number) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc()) return false;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    return true;
}

bool takeColon(std::string_view& text) {
    if (!text.starts_with(':')) return false;
    text.remove_prefix(1);
    return true;
}

std::optional<ReviewPosition> positionIn(std::string_view text, ReviewOrder order, bool has_field) {
    ReviewPosition position;
    if (order == ReviewOrder::by_confidence &&
        !(takeNumber(text, position.confidence) && takeColon(text)))
        return std::nullopt;
    if (!takeNumber(text, position.number)) return std::nullopt;
    if (!has_field) return text.empty() ? std::optional(position) : std::nullopt;
    if (!takeColon(text)) return std::nullopt;
    try {
        Poco::URI::decode(std::string(text), position.field);
    } catch (const Poco::Exception&) {
        return std::nullopt;
    }
    return position;
}

std::optional<ReviewPosition> positionOf(ApiRequest& request, ReviewOrder order, bool has_field) {
    const auto after = request.query("after");
    if (!after) return std::nullopt;
    auto position = positionIn(*after, order, has_field);
    if (!position) throw HttpError(400, "BAD_QUERY", "'after' is not a cursor of this list");
    return position;
}

std::string cursorOf(const ReviewPosition& position, ReviewOrder order) {
    std::string cursor;
    if (order == ReviewOrder::by_confidence) {
        std::array<char, 32> digits{};
        const auto end =
            std::to_chars(digits.data(), digits.data() + digits.size(), position.confidence);
        cursor.assign(digits.data(), end.ptr);
        cursor += ':';
    }
    cursor += std::to_string(position.number);
    if (position.field.empty()) return cursor;
    std::string field;
    Poco::URI::encode(position.field, "/?#&+=:;,", field);
    return cursor + ':' + field;
}

// Only batches with a roster have a class.
std::optional<ColumnFilter> classFilter(ApiRequest& request, const BatchRow& batch) {
    const auto class_name = request.query("class");
    if (!class_name) return std::nullopt;
    const std::vector<std::string> columns = rowColumnsOf(batch.columns);
    const auto found = std::ranges::find(columns, "class");
    if (found == columns.end())
        throw HttpError(400, "BAD_QUERY",
                        "'class' requires a batch whose results have the column class; a roster "
                        "adds it");
    return ColumnFilter{.place = static_cast<std::size_t>(found - columns.begin()),
                        .value = *class_name};
}

void answers(ApiRequest& request, const FileParts& parts) {
    const auto history = parts.readers.take();
    const BatchRow batch = visibleBatch(*history, request.caller, request.param("id"));
    const std::size_t limit = pageLimit(request);
    if (request.query("state").value_or(std::string(kDoubtful)) != kDoubtful)
        throw HttpError(400, "BAD_QUERY", "'state' must be doubtful");
    AnswerFilter filter{.flag = request.query("flag"),
                        .field = request.query("question"),
                        .order = orderOf(request),
                        .limit = static_cast<int>(limit) + 1};
    filter.column = classFilter(request, batch);
    filter.after = positionOf(request, filter.order, true);
    request.sendJson(pageJson(
        ReviewReader(*history).answers(batch, filter), limit,
        [&](const DoubtfulAnswer& answer) {
            return compactJson(answerJson(batch.batch_id, answer));
        },
        [&](const DoubtfulAnswer& answer) { return cursorOf(answer.position(), filter.order); }));
}

RowFilter rowFilter(ApiRequest& request) {
    RowFilter filter{.flag = request.query("flag"),
                     .field = request.query("question"),
                     .text = request.query("q").value_or(""),
                     .order = orderOf(request)};
    if (const auto state = request.query("state")) {
        filter.doubtful = *state == kDoubtful;
        try {
            if (!filter.doubtful) filter.state = sheetState(*state);
        } catch (const Error&) {
            throw HttpError(400, "BAD_QUERY",
                            "'state' must be doubtful, waiting, read, quarantined or discarded");
        }
    }
    filter.after = positionOf(request, filter.order, false);
    return filter;
}

void results(ApiRequest& request, const FileParts& parts) {
    const auto history = parts.readers.take();
    const BatchRow batch = visibleBatch(*history, request.caller, request.param("id"));
    const std::size_t limit = pageLimit(request);
    RowFilter filter = rowFilter(request);
    filter.column = classFilter(request, batch);
    filter.limit = static_cast<int>(limit) + 1;
    const std::vector<std::string> columns = rowColumnsOf(batch.columns);
    request.sendJson(pageJson(
        ReviewReader(*history).rows(batch, filter), limit,
        [&](const ReviewedRow& row) {
            JsonWriter json;
            json.beginObject();
            for (std::size_t i = 0; i < std::min(columns.size(), row.row.size()); ++i)
                json.text(columns[i], row.row[i]);
            return json.endObject().take();
        },
        [&](const ReviewedRow& row) { return cursorOf(row.position(), filter.order); }));
}

}  // namespace

void addReviewRoutes(ApiRoutes& routes, const FileParts& parts) {
    routes.add("GET", "/api/batches/{id}/answers",
               {.id = "listAnswers",
                .summary = "The answers in doubt, with what a person chooses from",
                .query = {"state", "flag", "question", "class", "sort", "limit", "after"},
                .gives = "AnswerList",
                .errors = {"NO_SUCH_BATCH"}},
               [&parts](ApiRequest& request) { answers(request, parts); });
    routes.add("GET", "/api/batches/{id}/results",
               {.id = "listResults",
                .summary = "The finished rows, one a sheet or one a student",
                .query = {"state", "flag", "question", "class", "q", "sort", "limit", "after"},
                .gives = "ResultList",
                .errors = {"NO_SUCH_BATCH"}},
               [&parts](ApiRequest& request) { results(request, parts); });
}

}  // namespace sheafline::api
