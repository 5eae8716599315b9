// An Excel file (Office Open XML) that is written row by row with constant memory: each worksheet
// has a temporary file until close(). Texts are never formulas. One thread. Throws Error with the
// code of the system call that failed, such as DISK_FULL, and XLSX_CELL for a text that no cell can
// hold.
//
//     Workbook book(folder / "results.xlsx.tmp", folder);
//     Worksheet& sheet = book.add("results", {{"name", 20}});
//     sheet.text(1, 0, "=1+1");
//     book.close();
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

struct lxw_workbook;
struct lxw_worksheet;
struct lxw_format;

namespace sheafline::exports {

inline constexpr int kMostRowsOfSheet = 1'048'576;
inline constexpr int kMostColumnsOfSheet = 16'384;

struct SheetColumn {
    std::string name{};
    double width = 10;  // in characters
};

class Worksheet {
 public:
    // Writes the header, which stays in view. `file` names the workbook in messages.
    Worksheet(lxw_workbook* book, lxw_format* bold, const std::string& name,
              const std::vector<SheetColumn>& columns, std::string file);

    // Rows are written in ascending order; row 0 is the header. An empty text leaves the cell
    // empty.
    void text(int row, int column, std::string_view value);
    void number(int row, int column, double value);  // none for a value that is not finite
    // Makes sure that what was written so far is in the temporary file; its size.
    std::uint64_t flush();
    const std::string& name() const { return name_; }

 private:
    lxw_worksheet* sheet_;
    std::string name_;
    std::string file_;
};

class Workbook {
 public:
    Workbook(std::filesystem::path path, const std::filesystem::path& temporary_folder);
    ~Workbook();
    Workbook(const Workbook&) = delete;
    Workbook& operator=(const Workbook&) = delete;

    Worksheet& add(const std::string& name, const std::vector<SheetColumn>& columns);
    // Writes the file and checks that it holds everything.
    void close();

 private:
    std::filesystem::path path_;
    std::string temporary_folder_;
    lxw_workbook* book_;
    lxw_format* bold_;
    std::vector<std::unique_ptr<Worksheet>> sheets_{};
};

}  // namespace sheafline::exports
