// A coordinate transformation of a PDF: x' = a x + c y + e, y' = b x + d y + f. A value.
#pragma once

namespace sheafline::pdf {

struct PageMatrix {
    double a = 1;
    double b = 0;
    double c = 0;
    double d = 1;
    double e = 0;
    double f = 0;

    // First `inner`, then this one, as the operator `cm` changes the current one.
    PageMatrix after(const PageMatrix& inner) const {
        return {.a = inner.a * a + inner.b * c,
                .b = inner.a * b + inner.b * d,
                .c = inner.c * a + inner.d * c,
                .d = inner.c * b + inner.d * d,
                .e = inner.e * a + inner.f * c + e,
                .f = inner.e * b + inner.f * d + f};
    }
};

}  // namespace sheafline::pdf
