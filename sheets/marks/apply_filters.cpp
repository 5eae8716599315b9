#include "marks/apply_filters.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>

namespace sheafline::sheets {

namespace {

// The deviation that OpenCV takes for a kernel of this size where none is given.
std::vector<float> gaussianKernel(int size) {
    const double deviation = 0.3 * ((size - 1) * 0.5 - 1) + 0.8;
    std::vector<float> kernel;
    float sum = 0;
    for (int i = 0; i < size; ++i) {
        const double off = i - (size - 1) / 2.0;
        kernel.push_back(static_cast<float>(std::exp(-off * off / (2 * deviation * deviation))));
        sum += kernel.back();
    }
    for (float& weight : kernel) weight /= sum;
    return kernel;
}

GreyImage blurred(const GreyImage& image, int width, int height) {
    const auto across = gaussianKernel(width);
    const auto down = gaussianKernel(height);
    GreyImage result = image;
    std::vector<float> column(static_cast<std::size_t>(image.width));
    for (int y = 0; y < image.height; ++y) {
        std::ranges::fill(column, 0.0F);
        for (int k = 0; k < height; ++k) {
            const auto row = image.row(std::clamp(y + k - height / 2, 0, image.height - 1));
            const float weight = down[static_cast<std::size_t>(k)];
            for (std::size_t x = 0; x < column.size(); ++x)
                column[x] += weight * static_cast<float>(row[x]);
        }
        const auto target = result.row(y);
        for (int x = 0; x < image.width; ++x) {
            float sum = 0.5F;
            for (int k = 0; k < width; ++k) {
                const int from = std::clamp(x + k - width / 2, 0, image.width - 1);
                sum += across[static_cast<std::size_t>(k)] * column[static_cast<std::size_t>(from)];
            }
            target[static_cast<std::size_t>(x)] = static_cast<std::uint8_t>(sum);
        }
    }
    return result;
}

GreyImage medianOf(const GreyImage& image, int size) {
    GreyImage result = image;
    std::vector<std::uint8_t> around;
    for (int y = 0; y < image.height; ++y) {
        const auto target = result.row(y);
        for (int x = 0; x < image.width; ++x) {
            around.clear();
            for (int ny = y - size / 2; ny <= y + size / 2; ++ny) {
                const auto row = image.row(std::clamp(ny, 0, image.height - 1));
                for (int nx = x - size / 2; nx <= x + size / 2; ++nx)
                    around.push_back(
                        row[static_cast<std::size_t>(std::clamp(nx, 0, image.width - 1))]);
            }
            const auto middle = around.begin() + static_cast<std::ptrdiff_t>(around.size() / 2);
            std::ranges::nth_element(around, middle);
            target[static_cast<std::size_t>(x)] = *middle;
        }
    }
    return result;
}

GreyImage levelled(GreyImage image, const ImageFilter& filter) {
    std::array<std::uint8_t, 256> table{};
    const double span = std::max(filter.high - filter.low, 1e-6);
    for (std::size_t i = 0; i < table.size(); ++i) {
        const double share =
            std::clamp((static_cast<double>(i) / 255 - filter.low) / span, 0.0, 1.0);
        table.at(i) = static_cast<std::uint8_t>(
            std::lround(255 * std::pow(share, 1 / std::max(filter.gamma, 1e-3))));
    }
    for (auto& pixel : image.pixels) pixel = table.at(pixel);
    return image;
}

}  // namespace

std::optional<GreyImage> applyFilters(const GreyImage& image,
                                      const std::vector<ImageFilter>& filters) {
    if (filters.empty()) return std::nullopt;
    GreyImage result = image;
    for (const ImageFilter& filter : filters) {
        switch (filter.kind) {
            case ImageFilter::Kind::gaussian_blur:
                result = blurred(result, filter.width, filter.height);
                break;
            case ImageFilter::Kind::median_blur:
                result = medianOf(result, filter.width);
                break;
            case ImageFilter::Kind::levels:
                result = levelled(std::move(result), filter);
                break;
        }
    }
    return result;
}

}  // namespace sheafline::sheets
