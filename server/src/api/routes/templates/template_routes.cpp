#include "api/routes/templates/template_routes.h"

#include <algorithm>
#include <array>
#include <system_error>

#include <Poco/JSON/Array.h>
#include <Poco/Net/HTTPServerResponse.h>

#include <sheafline/error.h>
#include <sheafline/json_writer.h>
#include <sheafline/sheets/load_template.h>
#include <sheafline/sheets/print_sheets.h>

#include "api/bodies/list_page.h"

namespace sheafline::api {

namespace {

using http::HttpError;

constexpr std::size_t kMostPages = 2000;
constexpr std::uint64_t kMostBody = 4U << 20U;
constexpr std::array kKinds{".yaml", ".yml", ".json"};

[[noreturn]] void rejectField(const std::string& why) {
    throw HttpError(422, "INVALID_FIELD", why);
}

// A name has no folder and no suffix: nothing outside the folder can be read.
bool isName(const std::string& name) {
    return !name.empty() && name.size() <= 100 && name.front() != '.' &&
           std::ranges::all_of(name, [](char c) {
               return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                      c == '-' || c == '_' || c == '.';
           });
}

std::vector<std::string> namesIn(const std::filesystem::path& folder) {
    std::vector<std::string> names;
    std::error_code none;
    for (const auto& entry : std::filesystem::directory_iterator(folder, none)) {
        const std::string kind = entry.path().extension().string();
        const std::string name = entry.path().stem().string();
        if (std::ranges::find(kKinds, kind) != kKinds.end() && isName(name)) names.push_back(name);
    }
    std::ranges::sort(names);
    names.erase(std::unique(names.begin(), names.end()), names.end());
    return names;
}

sheets::Template templateNamed(const std::filesystem::path& folder, const std::string& name) {
    if (isName(name)) {
        for (const char* kind : kKinds) {
            const auto file = folder / (name + kind);
            if (!std::filesystem::exists(file)) continue;
            try {
                return sheets::loadTemplate(file);
            } catch (const ConfigError&) {
                // Its text names places of the server's disk.
                rejectField("the template '" + name +
                            "' has errors; its operator sees them with 'sheafline template print'");
            }
        }
    }
    throw HttpError(404, "NO_SUCH_TEMPLATE", "there is no template '" + name.substr(0, 100) + "'");
}

std::string bodyText(const Poco::JSON::Object::Ptr& body, const std::string& name) {
    if (!body->has(name)) return "";
    if (!body->get(name).isString()) rejectField("'" + name + "' must be a text");
    return body->getValue<std::string>(name);
}

sheets::PrintOptions optionsOf(const Poco::JSON::Object::Ptr& body,
                               const std::filesystem::path& folder) {
    sheets::PrintOptions options{.title = bodyText(body, "title"),
                                 .instructions = bodyText(body, "instructions"),
                                 .exam = bodyText(body, "exam"),
                                 .code = bodyText(body, "code")};
    const auto names = body->getArray("templates");
    if (names.isNull() || names->size() == 0 || names->size() > 20)
        rejectField("'templates' must be a list of 1 to 20 names");
    for (const auto& name : *names) {
        if (!name.isString()) rejectField("'templates' must be a list of names");
        options.pages.push_back(templateNamed(folder, name.toString()));
    }
    if (const std::string roster = bodyText(body, "roster"); body->has("roster"))
        options.roster = sheets::parseRoster(roster, "roster");
    if (body->has("copies") && options.roster)
        rejectField("'copies' is for blank forms; leave it out, or the roster");
    if (body->has("copies")) {
        const auto copies = body->get("copies");
        if (!copies.isInteger() || copies.isBoolean() || copies.convert<std::int64_t>() < 1 ||
            copies.convert<std::int64_t>() > static_cast<std::int64_t>(kMostPages))
            rejectField("'copies' must be a number from 1 to 2000");
        options.copies = copies.convert<int>();
    }
    const std::string paper = bodyText(body, "paper");
    if (!paper.empty() && paper != "a4" && paper != "letter")
        rejectField("'paper' must be a4 or letter");
    if (paper == "a4") options.paper = sheets::Paper::a4;
    if (paper == "letter") options.paper = sheets::Paper::letter;
    return options;
}

void print(ApiRequest& request, const std::filesystem::path& folder) {
    const auto body = request.json(
        {"templates", "roster", "copies", "title", "instructions", "exam", "code", "paper"});
    try {
        const sheets::PrintOptions options = optionsOf(body, folder);
        if (sheets::pagesOf(options) > kMostPages)
            rejectField("these are " + std::to_string(sheets::pagesOf(options)) +
                        " pages, more than 2000; split the roster, or print with "
                        "'sheafline template print'");
        const std::string pdf = sheets::printedSheets(options);
        request.response().set("Content-Disposition", "attachment; filename=\"sheets.pdf\"");
        request.sendText(pdf, "application/pdf");
    } catch (const ConfigError& error) {
        rejectField(error.what());
    } catch (const Poco::Exception&) {
        rejectField("a field has a wrong type");
    }
}

void list(ApiRequest& request, const std::filesystem::path& folder) {
    const std::vector<std::string> names = namesIn(folder);
    request.sendJson(pageJson(
        names, names.size(),
        [](const std::string& name) {
            return JsonWriter().beginObject().text("name", name).endObject().take();
        },
        [](const std::string&) { return std::string(); }));
}

}  // namespace

void addTemplateRoutes(ApiRoutes& routes, const std::filesystem::path& folder) {
    routes.add("GET", "/api/templates",
               {.id = "listTemplates",
                .summary = "The templates beside the pipelines",
                .gives = "TemplateList"},
               [folder](ApiRequest& request) { list(request, folder); });
    routes.add("POST", "/api/templates/print",
               {.id = "printTemplates",
                .access = Access::creator,
                .summary = "Sheets to print as a PDF, for each student of a roster or blank",
                .body = "application/json",
                .takes = "PrintOrder",
                .answer = "application/pdf",
                .errors = {"NO_SUCH_TEMPLATE", "INVALID_FIELD"},
                .options = {.body_limit = kMostBody, .pool = http::Pool::bulk}},
               [folder](ApiRequest& request) { print(request, folder); });
}

}  // namespace sheafline::api
