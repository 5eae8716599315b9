#include "api/description/param_schemas.h"

#include <array>
#include <stdexcept>
#include <string_view>

namespace sheafline::api {

namespace {

struct Described {
    std::string_view name;
    std::string_view schema;
    std::string_view only_below{};  // a part of the pattern; empty: everywhere
};

// The first row that matches is used.
constexpr std::array kPath{
    Described{"id", R"({"$ref":"#/components/schemas/BatchId"})"},
    Described{"n", R"({"type":"integer","minimum":1,"description":"the sheet's number"})"},
    Described{"session",
              R"({"type":"string","description":"id of GET /api/users/{name}/sessions"})",
              "/users"},
    Described{"session", R"({"type":"string","description":"id of GET /api/auth/sessions"})"},
    Described{"token", R"({"type":"string","description":"id of GET /api/tokens"})"},
    Described{"name", R"({"type":"string"})"},
    Described{"param", R"({"type":"string","description":"of the pipeline, of type file"})"},
};

constexpr std::array kQuery{
    Described{"action", R"({"type":"string","description":"such as batch_delete"})"},
    Described{"after",
              R"({"type":"integer","minimum":0,"description":"next of the previous page"})",
              "/audit"},
    Described{"after", R"({"type":"integer","minimum":0,"description":"a seq"})", "/progress"},
    Described{"after", R"({"type":"string","description":"next of the previous page"})"},
    Described{"class",
              R"({"type":"string","description":"only sheets of this class of the roster"})"},
    Described{"cookie", R"({"type":"string","enum":["0","1"]})"},
    Described{"field", R"({"type":"string","description":"a field or a column, such as q7"})"},
    Described{"flag",
              R"({"type":"string","description":"only doubts with this flag, such as faint"})"},
    Described{"filename", R"({"type":"string"})"},
    Described{"label.*", R"({"type":"string","description":"label.KEY=VALUE adds a label"})"},
    Described{"last_event_id", R"({"type":"string","description":"resume after this event"})"},
    Described{"limit", R"({"type":"integer","minimum":1,"maximum":100,"default":20})", "/codes"},
    Described{"limit", R"({"type":"integer","minimum":1,"maximum":1000,"default":100})"},
    Described{"name", R"({"type":"string","maxLength":200,"description":"of the batch"})"},
    Described{"overlay", R"({"type":"string","enum":["0","1"]})"},
    Described{"pipeline", R"({"type":"string","description":"the name of a pipeline"})"},
    Described{"pictures", R"({"type":"string","enum":["0","1"],"default":"1"})"},
    Described{"places", R"({"type":"string","enum":["0","1"],"default":"0"})"},
    Described{
        "problem",
        R"({"type":"string","enum":["missing_student","missing_page","several_sheets","unknown_student","other_exam","no_student"]})"},
    Described{"q", R"({"type":"string","description":"a part of any value of the row"})",
              "/results"},
    Described{"q", R"({"type":"string","description":"what was typed; default: what was read"})",
              "/codes"},
    Described{
        "q", R"({"type":"string","description":"a part of id, name, file name, exam or a label"})"},
    Described{"question", R"({"type":"string","description":"only this question, such as q7"})"},
    Described{"reason", R"({"type":"string","maxLength":1000,"description":"for the trail"})"},
    Described{
        "replace",
        R"({"type":"integer","minimum":0,"description":"the id of the decision that the key replaces"})"},
    Described{
        "rows",
        R"({"type":"integer","minimum":0,"maximum":20,"default":0,"description":"rows of fields above and below the field"})"},
    Described{"set.*", R"({"type":"string","description":"set.KEY=VALUE sets the param KEY"})"},
    Described{"sha256", R"({"type":"string","description":"of the archive, hexadecimal"})"},
    Described{"sort", R"({"type":"string","enum":["sheet","confidence"],"default":"sheet"})",
              "{id}"},
    Described{"sort", R"({"type":"string","enum":["newest","oldest","name"],"default":"newest"})"},
    Described{"state", R"({"type":"string","enum":["doubtful"],"default":"doubtful"})", "/answers"},
    Described{"state", R"({"type":"string","enum":["ignored"],"default":"ignored"})", "/entries"},
    Described{"state",
              R"({"type":"string","enum":["doubtful","waiting","read","quarantined","discarded"]})",
              "/results"},
    Described{"sheet", R"({"type":"integer","minimum":0,"description":"the sheet's number"})"},
    Described{"state", R"({"$ref":"#/components/schemas/SheetState"})", "/sheets"},
    Described{"state", R"({"$ref":"#/components/schemas/DecisionState"})", "/decisions"},
    Described{"state", R"({"$ref":"#/components/schemas/BatchState"})"},
    Described{"subject", R"({"type":"string","description":"a batch's id or a user's name"})"},
    Described{"ticket", R"({"type":"string","description":"of POST …/stream-ticket"})"},
    Described{"user", R"({"type":"string","description":"the name of a user"})"},
};

template <std::size_t N>
std::string find(const std::array<Described, N>& table, const std::string& pattern,
                 const std::string& name) {
    for (const Described& row : table) {
        if (row.name == name && pattern.find(row.only_below) != std::string::npos)
            return std::string(row.schema);
    }
    throw std::logic_error(pattern + ": the param '" + name + "' has no schema");
}

}  // namespace

std::string pathParamSchema(const std::string& pattern, const std::string& name) {
    return find(kPath, pattern, name);
}

std::string queryParamSchema(const std::string& pattern, const std::string& name) {
    return find(kQuery, pattern, name);
}

}  // namespace sheafline::api
