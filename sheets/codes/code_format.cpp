#include <algorithm>
#include <array>
#include <utility>

#include <sheafline/sheets/code_format.h>

namespace sheafline::sheets {

namespace {

constexpr std::array<std::pair<CodeFormat, std::string_view>, 7> kNames{
    {{CodeFormat::qr, "qr"},
     {CodeFormat::datamatrix, "datamatrix"},
     {CodeFormat::aztec, "aztec"},
     {CodeFormat::pdf417, "pdf417"},
     {CodeFormat::code128, "code128"},
     {CodeFormat::code39, "code39"},
     {CodeFormat::ean, "ean"}}};

}  // namespace

std::string_view toString(CodeFormat format) {
    return std::ranges::find(kNames, format, [](const auto& entry) { return entry.first; })->second;
}

std::optional<CodeFormat> codeFormatNamed(std::string_view name) {
    const auto* const found =
        std::ranges::find(kNames, name, [](const auto& entry) { return entry.second; });
    if (found == kNames.end()) return std::nullopt;
    return found->first;
}

bool isLinear(CodeFormat format) {
    return format == CodeFormat::code128 || format == CodeFormat::code39 ||
           format == CodeFormat::ean;
}

}  // namespace sheafline::sheets
