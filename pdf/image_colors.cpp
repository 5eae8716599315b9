#include "image_colors.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "bounded_bytes.h"

namespace sheafline::pdf {

namespace {

constexpr std::uint64_t kMostLookup = 4096;

std::optional<unsigned> componentsOf(QPDFObjectHandle space, const QPDFObjectHandle& resources,
                                     int depth = 0) {
    if (depth > 4) return std::nullopt;
    if (space.isName()) {
        const std::string name = space.getName();
        if (name == "/DeviceGray" || name == "/CalGray" || name == "/G") return 1;
        if (name == "/DeviceRGB" || name == "/CalRGB" || name == "/RGB") return 3;
        if (name == "/DeviceCMYK" || name == "/CMYK") return 4;
        const auto named =
            QPDFObjectHandle(resources).getKeyIfDict("/ColorSpace").getKeyIfDict(name);
        if (QPDFObjectHandle(named).isNull()) return std::nullopt;
        return componentsOf(named, resources, depth + 1);
    }
    if (!space.isArray() || space.getArrayNItems() < 1) return std::nullopt;
    auto kind = space.getArrayItem(0);
    if (!kind.isName()) return std::nullopt;
    if (space.getArrayNItems() == 1) return componentsOf(kind, resources, depth + 1);
    if (kind.getName() == "/CalGray") return 1;
    if (kind.getName() == "/CalRGB") return 3;
    if (kind.getName() != "/ICCBased") return std::nullopt;
    auto profile = space.getArrayItem(1);
    if (!profile.isStream()) return std::nullopt;
    auto count = profile.getDict().getKey("/N");
    if (!count.isInteger()) return std::nullopt;
    const auto n = count.getIntValue();
    if (n != 1 && n != 3 && n != 4) return std::nullopt;
    return static_cast<unsigned>(n);
}

std::optional<Palette> paletteOf(QPDFObjectHandle space, const QPDFObjectHandle& resources) {
    if (!space.isArray() || space.getArrayNItems() != 4) return std::nullopt;
    const auto components = componentsOf(space.getArrayItem(1), resources);
    auto last = space.getArrayItem(2);
    auto lookup = space.getArrayItem(3);
    if (!components || *components == 4 || !last.isInteger()) return std::nullopt;
    std::string bytes;
    if (lookup.isString()) {
        bytes = lookup.getStringValue();
    } else if (lookup.isStream()) {
        const auto read = boundedBytes(lookup, Filters::all, kMostLookup);
        if (!read) return std::nullopt;
        bytes = *read;
    }
    const auto count = static_cast<std::size_t>(std::clamp(last.getIntValue(), 0LL, 255LL)) + 1;
    if (bytes.size() < count * *components) return std::nullopt;
    Palette palette(count);
    for (std::size_t i = 0; i < count; ++i)
        for (std::size_t channel = 0; channel < 3; ++channel)
            palette[i].at(channel) = static_cast<std::uint8_t>(
                bytes[i * *components + (*components == 3 ? channel : 0)]);
    return palette;
}

bool isIndexed(QPDFObjectHandle space) {
    if (!space.isArray() || space.getArrayNItems() < 1) return false;
    auto kind = space.getArrayItem(0);
    return kind.isName() && (kind.getName() == "/Indexed" || kind.getName() == "/I");
}

// The color space, also if the page's resources name it.
QPDFObjectHandle spaceOf(QPDFObjectHandle dictionary, const QPDFObjectHandle& resources) {
    auto space = dictionary.getKey("/ColorSpace");
    if (!space.isName()) return space;
    auto named =
        QPDFObjectHandle(resources).getKeyIfDict("/ColorSpace").getKeyIfDict(space.getName());
    return named.isNull() ? space : named;
}

enum class Decode { plain, inverted, other };

Decode decodeOf(QPDFObjectHandle dictionary, const Pixels& pixels) {
    auto decode = dictionary.getKey("/Decode");
    if (!decode.isArray()) return Decode::plain;
    const double most = pixels.palette.empty() ? 1 : static_cast<double>((1U << pixels.bits) - 1);
    bool plain = true;
    bool inverted = true;
    const int count = decode.getArrayNItems();
    for (int i = 0; i < count; ++i) {
        auto item = decode.getArrayItem(i);
        const double value = item.isNumber() ? item.getNumericValue() : -1;
        plain = plain && value == (i % 2 == 0 ? 0 : most);
        inverted = inverted && value == (i % 2 == 0 ? most : 0);
    }
    return plain ? Decode::plain : inverted ? Decode::inverted : Decode::other;
}

// A palette of black and white that fax and plain images can have, too.
void withoutPlainPalette(Pixels& pixels) {
    if (pixels.bits != 1 || pixels.palette.size() != 2) return;
    const std::array<std::uint8_t, 3> black{0, 0, 0};
    const std::array<std::uint8_t, 3> white{255, 255, 255};
    const bool plain = pixels.palette[0] == black && pixels.palette[1] == white;
    const bool inverted = pixels.palette[0] == white && pixels.palette[1] == black;
    if (!plain && !inverted) return;
    pixels.white_is_zero = inverted;
    pixels.palette.clear();
}

bool setSpace(Pixels& pixels, const QPDFObjectHandle& space, const QPDFObjectHandle& resources) {
    if (isIndexed(space)) {
        auto palette = paletteOf(space, resources);
        if (!palette || pixels.bits > 8) return false;
        pixels.palette = std::move(*palette);
        withoutPlainPalette(pixels);
        return true;
    }
    const auto components = componentsOf(space, resources);
    if (!components) return false;
    pixels.components = *components;
    return true;
}

}  // namespace

std::optional<Pixels> pixelsOf(QPDFObjectHandle dictionary, const QPDFObjectHandle& resources) {
    const auto number = [&](const char* key) {
        auto value = dictionary.getKey(key);
        return value.isInteger() ? value.getIntValue() : 0;
    };
    const auto width = number("/Width");
    const auto height = number("/Height");
    if (width < 1 || height < 1 || width > INT32_MAX || height > INT32_MAX) return std::nullopt;
    Pixels pixels{.width = static_cast<std::uint32_t>(width),
                  .height = static_cast<std::uint32_t>(height)};
    auto mask = dictionary.getKey("/ImageMask");
    const bool is_mask = mask.isBool() && mask.getBoolValue();
    const auto bits = is_mask ? 1 : number("/BitsPerComponent");
    pixels.bits = static_cast<unsigned>(bits);
    if (!is_mask && !setSpace(pixels, spaceOf(dictionary, resources), resources))
        return std::nullopt;
    switch (decodeOf(dictionary, pixels)) {
        case Decode::plain:
            break;
        case Decode::inverted:
            if (pixels.components != 1 || !pixels.palette.empty()) return std::nullopt;
            pixels.white_is_zero = !pixels.white_is_zero;
            break;
        case Decode::other:
            return std::nullopt;
    }
    return pixels;
}

}  // namespace sheafline::pdf
