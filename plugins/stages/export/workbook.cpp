#include "workbook.h"

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstdio>
#include <utility>
#include <xlsxwriter.h>

#include <sheafline/error.h>
#include <sheafline/utf8.h>

#include "zip/zip_archive.h"

namespace sheafline::exports {

namespace {

constexpr std::size_t kMostCharacters = 32'767;  // of a cell
constexpr std::time_t kCreated = 315'532'800;    // 1980-01-01: the same rows give the same bytes

[[noreturn]] void fail(const std::string& file, const std::string& why) {
    if (errno != 0) throwSystemError(errno, "cannot write " + file);
    throw Error(ErrorClass::permanent, "XLSX_WRITE", "cannot write " + file + ": " + why);
}

bool isEscape(std::string_view text) {
    constexpr std::size_t kLength = 7;  // _x0041_
    return text.size() >= kLength && text.starts_with("_x") && text[kLength - 1] == '_' &&
           text.substr(2, 4).find_first_not_of("0123456789abcdefABCDEF") == std::string_view::npos;
}

// Without the characters that a C string or XML cannot hold. The library writes control characters
// as _xHHHH_, so the underscore of a text that looks like that is escaped too.
std::string cellText(std::string_view value) {
    static constexpr std::string_view kReplacement = "\xEF\xBF\xBD";
    const std::string clean = cleanUtf8(value);
    std::string text;
    for (std::size_t at = 0; at < clean.size(); ++at) {
        const std::string_view rest = std::string_view(clean).substr(at);
        if (rest.starts_with("\xEF\xBF\xBE") || rest.starts_with("\xEF\xBF\xBF")) {
            text += kReplacement;
            at += 2;
        } else if (rest.front() == '\0') {
            text += kReplacement;
        } else {
            text += isEscape(rest) ? "_x005F_" : std::string(1, rest.front());
        }
    }
    return text;
}

// Characters as Excel counts them: UTF-16 units.
std::size_t unitsOf(std::string_view text) {
    return static_cast<std::size_t>(std::ranges::count_if(
               text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; })) +
           static_cast<std::size_t>(std::ranges::count_if(
               text, [](char c) { return static_cast<unsigned char>(c) >= 0xF0U; }));
}

}  // namespace

Worksheet::Worksheet(lxw_workbook* book, lxw_format* bold, const std::string& name,
                     const std::vector<SheetColumn>& columns, std::string file)
    : sheet_(workbook_add_worksheet(book, name.c_str())), name_(name), file_(std::move(file)) {
    if (sheet_ == nullptr) fail(file_, "the worksheet " + name + " cannot be added");
    if (columns.size() > static_cast<std::size_t>(kMostColumnsOfSheet)) {
        throw Error(ErrorClass::permanent, "XLSX_COLUMNS",
                    "the rows have " + std::to_string(columns.size()) +
                        " columns, and Excel has at most 16,384; use the stage csv");
    }
    worksheet_freeze_panes(sheet_, 1, 0);
    worksheet_ignore_errors(sheet_, LXW_IGNORE_NUMBER_STORED_AS_TEXT, "A1:XFD1048576");
    lxw_col_t at = 0;
    for (const SheetColumn& column : columns) {
        worksheet_set_column(sheet_, at, at, column.width, nullptr);
        worksheet_write_string(sheet_, 0, at, cellText(column.name).c_str(), bold);
        ++at;
    }
}

void Worksheet::text(int row, int column, std::string_view value) {
    const std::string text = cellText(value);
    if (text.empty()) return;
    if (unitsOf(text) > kMostCharacters) {
        throw Error(ErrorClass::permanent, "XLSX_CELL",
                    "row " + std::to_string(row + 1) + ", column " + std::to_string(column + 1) +
                        " of the worksheet " + name_ +
                        " has more than 32,767 characters, which no cell of Excel holds; use the "
                        "stage csv");
    }
    if (worksheet_write_string(sheet_, static_cast<lxw_row_t>(row), static_cast<lxw_col_t>(column),
                               text.c_str(), nullptr) != LXW_NO_ERROR)
        fail(file_, "row " + std::to_string(row + 1) + " of " + name_ + " is not accepted");
}

void Worksheet::number(int row, int column, double value) {
    if (!std::isfinite(value)) return;
    worksheet_write_number(sheet_, static_cast<lxw_row_t>(row), static_cast<lxw_col_t>(column),
                           value, nullptr);
}

std::uint64_t Worksheet::flush() {
    errno = 0;
    std::FILE* file = sheet_->optimize_tmpfile;
    if (std::fflush(file) != 0 || std::ferror(file) != 0)
        fail(file_, "the temporary file of the worksheet " + name_ + " cannot be written");
    return static_cast<std::uint64_t>(std::max(0L, std::ftell(file)));
}

Workbook::Workbook(std::filesystem::path path, const std::filesystem::path& temporary_folder)
    : path_(std::move(path)), temporary_folder_(temporary_folder.string()) {
    lxw_workbook_options options{
        .constant_memory = LXW_TRUE, .tmpdir = temporary_folder_.data(), .use_zip64 = LXW_TRUE};
    book_ = workbook_new_opt(path_.c_str(), &options);
    if (book_ == nullptr) fail(path_.filename().string(), "there is not enough memory");
    lxw_doc_properties properties{};
    properties.created = kCreated;
    workbook_set_properties(book_, &properties);
    bold_ = workbook_add_format(book_);
    format_set_bold(bold_);
}

Workbook::~Workbook() {
    if (book_ != nullptr) lxw_workbook_free(book_);
}

Worksheet& Workbook::add(const std::string& name, const std::vector<SheetColumn>& columns) {
    errno = 0;
    sheets_.push_back(
        std::make_unique<Worksheet>(book_, bold_, name, columns, path_.stem().string()));
    return *sheets_.back();
}

// The library does not check every write. A worksheet that is shorter in the file than its rows
// were, or a file that is no ZIP, was cut off by a full disk.
void Workbook::close() {
    std::vector<std::uint64_t> least;
    for (const auto& sheet : sheets_) least.push_back(sheet->flush());
    errno = 0;
    const lxw_error error = workbook_close(std::exchange(book_, nullptr));
    if (error != LXW_NO_ERROR) fail(path_.stem().string(), lxw_strerror(error));
    const extract::ZipArchive archive(path_, path_.stem().string(),
                                      {.max_bytes = UINT64_MAX / 2,
                                       .max_entries = 10'000,
                                       .max_entry_bytes = UINT64_MAX / 2,
                                       .max_ratio = 1e9});
    for (std::size_t i = 0; i < least.size(); ++i) {
        const std::string name = "xl/worksheets/sheet" + std::to_string(i + 1) + ".xml";
        const auto entry = std::ranges::find(archive.entries(), name, &extract::ZipEntry::name);
        if (entry == archive.entries().end() || entry->size < least[i])
            throwSystemError(ENOSPC, "cannot write the worksheet " + sheets_[i]->name() + " of " +
                                         path_.stem().string());
    }
}

}  // namespace sheafline::exports
