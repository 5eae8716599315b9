// Least squares: equations are added one by one, then the unknowns that fit best are solved for.
// Pure.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <utility>

namespace sheafline::sheets {

template <std::size_t N>
class LinearEquations {
 public:
    using Row = std::array<double, N + 1>;  // the factors of the unknowns, then the right side

    void add(const Row& row, double weight = 1) {
        for (std::size_t i = 0; i < N; ++i) {
            for (std::size_t k = 0; k <= N; ++k) rows_[i][k] += weight * row[i] * row[k];
        }
    }

    // The first `unknowns` of them, by Gauss elimination with row pivots; false where the equations
    // do not decide. Can be called once.
    bool solve(std::size_t unknowns, std::array<double, N>& result) {
        for (std::size_t column = 0; column < unknowns; ++column) {
            std::size_t pivot = column;
            for (std::size_t row = column + 1; row < unknowns; ++row) {
                if (std::abs(rows_[row][column]) > std::abs(rows_[pivot][column])) pivot = row;
            }
            if (std::abs(rows_[pivot][column]) < 1e-12) return false;
            std::swap(rows_[pivot], rows_[column]);
            for (std::size_t row = 0; row < unknowns; ++row) {
                if (row == column) continue;
                const double factor = rows_[row][column] / rows_[column][column];
                for (std::size_t k = column; k <= N; ++k)
                    rows_[row][k] -= factor * rows_[column][k];
            }
        }
        for (std::size_t i = 0; i < unknowns; ++i) result[i] = rows_[i][N] / rows_[i][i];
        return true;
    }

 private:
    std::array<Row, N> rows_{};
};

}  // namespace sheafline::sheets
