package org.alborz.cpu.scalar;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ErrorFunctionTest {
    /** Expected values from 40-digit arithmetic. */
    @ParameterizedTest
    @CsvSource({
        "1e-10, 1.1283791670955126e-10, 0.999999999887162",
        "0.1, 0.1124629160182849, 0.887537083981715",
        "0.46875, 0.49261347321793797, 0.507386526782062",
        "0.5, 0.5204998778130465, 0.4795001221869535",
        "1, 0.8427007929497149, 0.15729920705028513",
        "1.5, 0.9661051464753108, 0.033894853524689274",
        "2, 0.9953222650189527, 0.004677734981047266",
        "3, 0.9999779095030014, 2.209049699858544e-05",
        "4, 0.9999999845827421, 1.541725790028002e-08",
        "5.5, 0.9999999999999927, 7.357847917974398e-15",
        "26, 1, 5.663192408856143e-296",
        "-0.3, -0.3286267594591274, 1.3286267594591274",
        "-2.5, -0.999593047982555, 1.999593047982555"
    })
    void agreesWithKnownValues(double x, double erf, double erfc) {
        assertThat(ErrorFunction.erf(x)).isCloseTo(erf, within(3e-16 * Math.abs(erf)));
        assertThat(ErrorFunction.erfc(x)).isCloseTo(erfc, within(1e-15 * Math.abs(erfc)));
    }

    @Test
    void keepsSignsLimitsAndNaN() {
        assertThat(1 / ErrorFunction.erf(-0.0)).isEqualTo(Double.NEGATIVE_INFINITY);
        assertThat(ErrorFunction.erf(Double.POSITIVE_INFINITY)).isEqualTo(1);
        assertThat(ErrorFunction.erf(-Double.MAX_VALUE)).isEqualTo(-1);
        assertThat(ErrorFunction.erfc(Double.NEGATIVE_INFINITY)).isEqualTo(2);
        assertThat(ErrorFunction.erfc(Double.MAX_VALUE)).isZero();
        assertThat(ErrorFunction.erf(Double.NaN)).isNaN();
        assertThat(ErrorFunction.erfc(Double.NaN)).isNaN();
    }
}
