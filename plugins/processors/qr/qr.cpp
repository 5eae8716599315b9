// Reads the code of a sheet for `organize_qr`, which passes the region that it learned from the
// batch. Some inputs hang ZXing, so it runs in a worker.
#include <string>
#include <vector>

#include <sheafline/json_writer.h>
#include <sheafline/plugin.h>
#include <sheafline/sheets/code_pattern.h>
#include <sheafline/sheets/find_code.h>

namespace sheafline {

namespace {

using sheets::CheckDigit;

struct Options {
    std::string pattern;
    std::string check_digit;
    std::string region;
    std::vector<std::string> codes;
    std::int64_t max_pixels;

    explicit Options(Params& p)
        : pattern(p.string("pattern", {.help = "regular expression (PCRE2) of the whole text",
                                       .default_value = "(?s).*"})),
          check_digit(
              p.choice("check_digit", {.help = "check digit of the part 'student', or of the whole "
                                               "text if the pattern has no such part",
                                       .default_value = "none",
                                       .choices = {"none", "luhn", "ean"}})),
          region(p.string(
              "region", {.help = "where codes usually are: x,y,width,height as shares of the page",
                         .default_value = ""})),
          codes(p.list("codes", {.help = "the kinds of codes to look for; default: qr",
                                 .pattern = "^(qr|datamatrix|aztec|pdf417|code128|code39|ean)$"})),
          max_pixels(p.integer(
              "max_pixels",
              {.help = "most pixels of a page", .default_value = "200000000", .min = "1"})) {}
};

CheckDigit checkDigitOf(const std::string& name) {
    if (name == "luhn") return CheckDigit::luhn;
    return name == "ean" ? CheckDigit::ean : CheckDigit::none;
}

std::string digitsOf(std::string_view text) {
    std::string digits;
    for (const char letter : text) {
        if (letter >= '0' && letter <= '9') digits += letter;
    }
    return digits;
}

std::string listOf(const std::vector<std::string>& texts) {
    JsonWriter json;
    json.beginArray();
    for (const std::string& text : texts) json.text(text);
    return json.endArray().take();
}

// {"box":[[0.7900,0.0850],
// …],"turns":0,"landscape":false,"step":"region","format":"qr","foreign":["…"]}: the corners of the
// code as shares of the scanned page, clockwise from the code's top left, its quarter turns, and
// other codes found on the page.
std::string evidenceOf(const sheets::FoundCode& code, const std::vector<std::string>& foreign) {
    JsonWriter json;
    json.beginObject().key("box").beginArray();
    for (const auto& corner : code.corners)
        json.beginArray().fixed(corner[0], 4).fixed(corner[1], 4).endArray();
    json.endArray()
        .integer("turns", code.quarter_turns)
        .boolean("landscape", code.landscape)
        .text("step", code.step)
        .text("format", toString(code.format))
        .raw("foreign", listOf(foreign));
    return json.endObject().take();
}

class Qr : public Processor {
 public:
    explicit Qr(Params& params) : Qr(Options(params)) {}

    std::vector<std::string> columns() const override { return {"qr"}; }
    Reading process(const SheetTask& task) override;

 private:
    explicit Qr(const Options& options)
        : pattern_(options.pattern),
          check_digit_(checkDigitOf(options.check_digit)),
          search_{.fits = [this](std::string_view text) { return fits(text); },
                  .image = {.max_pixels = static_cast<std::uint64_t>(options.max_pixels)}} {
        if (!options.codes.empty()) search_.formats.clear();
        for (const std::string& name : options.codes)
            if (const auto format = sheets::codeFormatNamed(name))
                search_.formats.push_back(*format);
        if (!options.region.empty()) search_.region = sheets::parseRegion(options.region);
    }

    bool fits(std::string_view text) const;

    const sheets::CodePattern pattern_;
    const CheckDigit check_digit_;
    sheets::CodeSearch search_;
};

bool Qr::fits(std::string_view text) const {
    const auto parts = pattern_.match(text);
    if (!parts) return false;
    const auto student = parts->find("student");
    return check_digit_ == CheckDigit::none ||
           sheets::checkDigitHolds(check_digit_,
                                   digitsOf(student == parts->end() ? text : student->second));
}

Reading Qr::process(const SheetTask& task) {
    search_.image.page = task.page;
    try {
        const sheets::CodeResult result = findCode(sheets::readBytes(task.path), search_);
        if (result.only_foreign)
            return {.evidence = JsonWriter()
                                    .beginObject()
                                    .raw("foreign", listOf(result.foreign))
                                    .endObject()
                                    .take(),
                    .reason = result.reason};
        if (!result.code)
            return {.evidence = result.blank_page ? R"({"blank":true})" : "",
                    .reason = result.reason};
        return {.values = {result.code->text},
                .evidence = evidenceOf(*result.code, result.foreign)};
    } catch (const sheets::UnreadableImage& error) {
        return {.reason = error.what()};
    }
}

}  // namespace

}  // namespace sheafline

const sheafline::PluginDescriptor sheafline_plugin{
    .kind = sheafline::PluginKind::processor,
    .name = "qr",
    .version = "0.1.0",
    .summary = "reads the code of a sheet",
    .confined = true,
    .params = sheafline::paramsOf<sheafline::Options>,
    .make_processor = sheafline::makeProcessor<sheafline::Qr>};
