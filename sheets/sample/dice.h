// Random numbers that are the same on every machine: the standard library's distributions are not.
// The generator is SplitMix64 (Steele, Lea and Flood, OOPSLA 2014).
#pragma once

#include <cstdint>

namespace sheafline::sheets {

class Dice {
 public:
    explicit Dice(std::uint64_t seed) : state_(seed) {}
    // A stream of its own for the item `index` of what `seed` stands for.
    Dice(std::uint64_t seed, std::uint64_t index) : state_(seed) {
        state_ = next() ^ (index * 0x9E3779B97F4A7C15ULL);
    }

    std::uint64_t next() {
        state_ += 0x9E3779B97F4A7C15ULL;
        std::uint64_t mixed = state_;
        mixed = (mixed ^ (mixed >> 30U)) * 0xBF58476D1CE4E5B9ULL;
        mixed = (mixed ^ (mixed >> 27U)) * 0x94D049BB133111EBULL;
        return mixed ^ (mixed >> 31U);
    }
    int below(int limit) { return static_cast<int>(next() % static_cast<std::uint64_t>(limit)); }
    // From `low` to below `high`.
    double between(double low, double high) {
        return low + (high - low) * (static_cast<double>(next() >> 11U) * 0x1.0p-53);
    }
    bool chance(double share) { return between(0, 1) < share; }
    // Nearly normal, mean 0 and deviation 1: the sum of twelve.
    double normal() {
        double sum = -6;
        for (int i = 0; i < 12; ++i) sum += between(0, 1);
        return sum;
    }

 private:
    std::uint64_t state_;
};

}  // namespace sheafline::sheets
