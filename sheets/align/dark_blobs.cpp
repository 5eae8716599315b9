#include "align/dark_blobs.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>

namespace sheafline::sheets {

namespace {

// Paper of each cell of a coarse grid: a high percentile of the cell and its neighbours, so that
// print does not count, and no single bright pixel either.
class PaperGrid {
 public:
    PaperGrid(const GreyImage& image, int cell)
        : cell_(std::max(4, cell)),
          columns_((image.width + cell_ - 1) / cell_),
          rows_((image.height + cell_ - 1) / cell_) {
        std::vector<Histogram> cells(count());
        // Every other pixel of every other row says enough.
        for (int y = 0; y < image.height; y += 2) {
            const auto row = image.row(y);
            for (int column = 0; column < columns_; ++column) {
                Histogram& counts = cells[index(column, y / cell_)];
                const int end = std::min(image.width, (column + 1) * cell_);
                for (int x = column * cell_; x < end; x += 2)
                    ++counts[row[static_cast<std::size_t>(x)] / 8U];
            }
        }
        paper_.resize(count());
        for (int y = 0; y < rows_; ++y) {
            for (int x = 0; x < columns_; ++x) paper_[index(x, y)] = brightAround(cells, x, y);
        }
    }

    // For each pixel of a row, `share` of its paper.
    void levels(int y, double share, std::vector<std::uint8_t>& levels) const {
        for (std::size_t x = 0; x < levels.size(); ++x) {
            if (x % static_cast<std::size_t>(cell_) != 0) {
                levels[x] = levels[x - 1];
                continue;
            }
            const int paper = paper_[index(static_cast<int>(x) / cell_, y / cell_)];
            levels[x] = static_cast<std::uint8_t>(paper * share);
        }
    }
    bool startsCell(int y) const { return y % cell_ == 0; }

 private:
    using Histogram = std::array<int, 32>;

    std::size_t count() const {
        return static_cast<std::size_t>(columns_) * static_cast<std::size_t>(rows_);
    }
    std::size_t index(int x, int y) const {
        return static_cast<std::size_t>(y) * static_cast<std::size_t>(columns_) +
               static_cast<std::size_t>(x);
    }

    int brightAround(const std::vector<Histogram>& cells, int x, int y) const {
        Histogram sum{};
        int total = 0;
        for (int ny = std::max(0, y - 1); ny <= std::min(rows_ - 1, y + 1); ++ny) {
            for (int nx = std::max(0, x - 1); nx <= std::min(columns_ - 1, x + 1); ++nx) {
                const Histogram& cell = cells[index(nx, ny)];
                for (std::size_t i = 0; i < sum.size(); ++i) sum[i] += cell[i];
            }
        }
        for (const int bin : sum) total += bin;
        int above = total * 3 / 10;
        for (std::size_t i = sum.size(); i-- > 0;) {
            above -= sum[i];
            if (above < 0) return static_cast<int>(i) * 8 + 4;
        }
        return 0;
    }

    int cell_;
    int columns_;
    int rows_;
    std::vector<int> paper_;
};

// Spots are joined run by run, and row by row.
class BlobBuilder {
 public:
    struct Run {
        int first;
        int last;
        int blob;
    };

    void addRow(int y, const std::vector<std::pair<int, int>>& runs) {
        std::vector<Run> row;
        std::size_t above = 0;
        for (const auto& [first, last] : runs) {
            int blob = -1;
            while (above < above_.size() && above_[above].last < first - 1) ++above;
            for (std::size_t i = above; i < above_.size() && above_[i].first <= last + 1; ++i)
                blob = blob < 0 ? root(above_[i].blob) : join(blob, above_[i].blob);
            if (blob < 0) {
                blob = static_cast<int>(sums_.size());
                sums_.push_back({.left = first, .right = last, .top = y, .bottom = y});
                parent_.push_back(blob);
            }
            sums_[static_cast<std::size_t>(blob)].add(first, last, y);
            row.push_back({first, last, blob});
        }
        above_ = std::move(row);
    }

    std::vector<DarkBlob> take() const {
        std::vector<DarkBlob> blobs;
        for (std::size_t i = 0; i < sums_.size(); ++i) {
            if (parent_[i] != static_cast<int>(i)) continue;
            const Sums& s = sums_[i];
            blobs.push_back(
                {.box = {s.left, s.top, s.right - s.left + 1, s.bottom - s.top + 1},
                 .area = static_cast<int>(s.area),
                 .centre = {.x = static_cast<double>(s.x) / static_cast<double>(s.area) + 0.5,
                            .y = static_cast<double>(s.y) / static_cast<double>(s.area) + 0.5}});
        }
        return blobs;
    }

 private:
    struct Sums {
        int left = 0;
        int right = 0;
        int top = 0;
        int bottom = 0;
        std::int64_t area = 0;
        std::int64_t x = 0;
        std::int64_t y = 0;

        void add(int first, int last, int row) {
            const std::int64_t length = last - first + 1;
            left = std::min(left, first);
            right = std::max(right, last);
            bottom = std::max(bottom, row);
            area += length;
            x += length * (first + last) / 2;
            y += length * row;
        }
        void add(const Sums& other) {
            left = std::min(left, other.left);
            right = std::max(right, other.right);
            top = std::min(top, other.top);
            bottom = std::max(bottom, other.bottom);
            area += other.area;
            x += other.x;
            y += other.y;
        }
    };

    int root(int blob) {
        while (parent_[static_cast<std::size_t>(blob)] != blob)
            blob = parent_[static_cast<std::size_t>(blob)];
        return blob;
    }
    int join(int a, int b) {
        a = root(a);
        b = root(b);
        if (a == b) return a;
        if (b < a) std::swap(a, b);
        sums_[static_cast<std::size_t>(a)].add(sums_[static_cast<std::size_t>(b)]);
        parent_[static_cast<std::size_t>(b)] = a;
        return a;
    }

    std::vector<Sums> sums_{};
    std::vector<int> parent_{};
    std::vector<Run> above_{};
};

}  // namespace

std::vector<DarkBlob> findDarkBlobs(const GreyImage& image, double share, int reach) {
    if (image.width == 0 || image.height == 0) return {};
    const PaperGrid paper(image, reach);
    BlobBuilder builder;
    std::vector<std::pair<int, int>> runs;
    std::vector<std::uint8_t> levels(static_cast<std::size_t>(image.width));
    std::string dark(levels.size() + 1, '\0');
    for (int y = 0; y < image.height; ++y) {
        if (paper.startsCell(y)) paper.levels(y, share, levels);
        const auto* row = image.row(y).data();
        for (std::size_t x = 0; x < levels.size(); ++x)
            dark[x] = static_cast<char>(row[x] < levels[x] ? 1 : 0);
        runs.clear();
        for (auto start = dark.find('\1'); start != std::string::npos;) {
            const auto end = dark.find('\0', start);
            runs.emplace_back(static_cast<int>(start), static_cast<int>(end) - 1);
            start = dark.find('\1', end);
        }
        builder.addRow(y, runs);
    }
    return builder.take();
}

}  // namespace sheafline::sheets
