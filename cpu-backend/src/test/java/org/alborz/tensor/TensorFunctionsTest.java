package org.alborz.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import java.util.function.DoubleUnaryOperator;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.alborz.autograd.Tape;
import org.alborz.random.RandomKey;
import org.alborz.type.Conv2dParameters;
import org.alborz.type.DType;
import org.alborz.type.Pool2dParameters;
import org.alborz.type.Shape;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The composed methods against formulas, and their gradients against finite differences. */
class TensorFunctionsTest {
    private static final double[] NUMBERS = {-2.5, -1.25, -0.5, 0.75, 1.5, 3.25};

    private final Session session =
            Session.builder("cpu-scalar").dtype(DType.FLOAT64).open();

    @AfterEach
    void close() {
        session.close();
    }

    private Tensor numbers(int... sizes) {
        Shape shape = Shape.of(sizes);
        double[] values = new double[(int) shape.elements()];
        Arrays.setAll(values, i -> Math.sin(1 + 1.7 * i) * 2);
        return session.tensor(values, shape);
    }

    private static Arguments function(String name, UnaryOperator<Tensor> tensors, DoubleUnaryOperator formula) {
        return Arguments.of(name, tensors, formula);
    }

    static Stream<Arguments> elementwise() {
        return Stream.of(
                function("abs", x -> x.abs(), Math::abs),
                function("sign", x -> x.sign(), Math::signum),
                function("reciprocal", x -> x.reciprocal(), x -> 1 / x),
                function("rsqrt", x -> x.square().rsqrt(), x -> 1 / Math.abs(x)),
                function("sin", x -> x.sin(), Math::sin),
                function("cos", x -> x.cos(), Math::cos),
                function("tanh", x -> x.tanh(), Math::tanh),
                function("sigmoid", x -> x.sigmoid(), x -> 1 / (1 + Math.exp(-x))),
                function("leakyRelu", x -> x.leakyRelu(0.1), x -> x > 0 ? x : 0.1 * x),
                function("elu", x -> x.elu(0.5), x -> x > 0 ? x : 0.5 * Math.expm1(x)),
                function("silu", x -> x.silu(), x -> x / (1 + Math.exp(-x))),
                function("softplus", x -> x.softplus(), x -> Math.log1p(Math.exp(x))),
                function("mish", x -> x.mish(), x -> x * Math.tanh(Math.log1p(Math.exp(x)))),
                function(
                        "selu",
                        x -> x.selu(),
                        x -> 1.0507009873554805 * (x > 0 ? x : 1.6732632423543772 * Math.expm1(x))),
                function("hardSigmoid", x -> x.hardSigmoid(), x -> Math.min(Math.max(x + 3, 0), 6) / 6),
                function("hardSwish", x -> x.hardSwish(), x -> x * Math.min(Math.max(x + 3, 0), 6) / 6),
                function("log1p", x -> x.square().log1p(), x -> Math.log1p(x * x)),
                function("expm1", x -> x.expm1(), Math::expm1),
                function("tan", x -> x.tan(), Math::tan),
                function("asin", x -> x.tanh().asin(), x -> Math.asin(Math.tanh(x))),
                function("acos", x -> x.tanh().acos(), x -> Math.acos(Math.tanh(x))),
                function("atan", x -> x.atan(), Math::atan),
                function("sinh", x -> x.sinh(), Math::sinh),
                function("cosh", x -> x.cosh(), Math::cosh),
                function("asinh", x -> x.sinh().asinh(), x -> x),
                function("acosh", x -> x.cosh().acosh(), Math::abs),
                function("atanh", x -> x.div(4).atanh(), x -> 0.5 * Math.log((1 + x / 4) / (1 - x / 4))),
                function("ceil", x -> x.ceil().add(x), x -> Math.ceil(x) + x),
                function("round", x -> x.mul(0.9).round().add(x), x -> Math.rint(0.9 * x) + x),
                function("trunc", x -> x.trunc().add(x), x -> (long) x + x),
                function("sub", x -> x.sub(0.3), x -> x - 0.3),
                function("div", x -> x.div(3), x -> x / 3),
                function("rsub", x -> x.rsub(3), x -> 3 - x),
                function("rdiv", x -> x.rdiv(3), x -> 3 / x),
                function("maximum", x -> x.maximum(0.5), x -> Math.max(x, 0.5)),
                function("minimum", x -> x.minimum(0.5), x -> Math.min(x, 0.5)),
                function("clamp", x -> x.clamp(-1, 2), x -> Math.min(Math.max(x, -1), 2)));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource
    void elementwise(String name, UnaryOperator<Tensor> function, DoubleUnaryOperator formula) {
        double[] expected = Arrays.stream(NUMBERS).map(formula).toArray();
        assertThat(function.apply(session.tensor(NUMBERS)).toDoubles()).containsExactly(expected, within(1e-14));
        assertGradient(function, session.tensor(NUMBERS));
    }

    @Test
    void geluAndErfAreThoseOfTheNormalDistribution() {
        Tensor x = session.tensor(new double[] {-1, 0, 2});
        assertThat(x.erf().toDoubles())
                .containsExactly(new double[] {-0.8427007929497149, 0, 0.9953222650189527}, within(1e-12));
        assertThat(x.gelu().toDoubles())
                .containsExactly(new double[] {-0.15865525393145707, 0, 1.9544997361036416}, within(1e-12));
    }

    /** 1/3 rounded and then multiplied would be off by one digit for some of these. */
    @Test
    void divisionByANumberIsRoundedOnce() {
        try (Session single = Session.open("cpu-scalar")) {
            float[] values = {1, 2, 5, 7, 10, 11, 13};
            float[] quotients = single.tensor(values).div(3).toFloats();
            for (int i = 0; i < values.length; i++) {
                assertThat(quotients[i]).isEqualTo(values[i] / 3f);
            }
        }
    }

    @Test
    void limitsAndNotANumberStayWhatTheyAre() {
        double inf = Double.POSITIVE_INFINITY;
        Tensor x = session.tensor(new double[] {Double.NaN, -inf, inf});
        assertThat(x.clamp(-1, 1).toDoubles()).containsExactly(Double.NaN, -1, 1);
        assertThat(x.silu().toDoubles()).usingComparatorWithPrecision(0.0).containsExactly(Double.NaN, -0.0, inf);
        assertThatIllegalArgumentException().isThrownBy(() -> x.clamp(1, -1)).withMessageContaining("clamp expects");
    }

    /** Numbers of PyTorch 1.13.1. */
    @Test
    void quotientsAreFlooredAndRemaindersHaveTheSignOfTheDivisor() {
        double inf = Double.POSITIVE_INFINITY;
        double nan = Double.NaN;
        Tensor a = session.tensor(new double[] {7.5, -7.5, 7.5, -7.5, 1, -1, 0, inf, 1, -1, 1, 5});
        Tensor b = session.tensor(new double[] {2, 2, -2, -2, 0.1, 0.1, 3, 2, inf, inf, 0, -0.0});
        assertThat(a.remainder(b).toDoubles())
                .containsExactly(
                        1.5, 0.5, -0.5, -1.5, 0.09999999999999995, 5.551115123125783e-17, 0, nan, 1, inf, nan, nan);
        assertThat(a.floorDivide(b).toDoubles()).containsExactly(3, -4, -4, 3, 9, -10, 0, nan, 0, -1, inf, -inf);
        Tensor whole = session.tensor(new int[] {7, -7, 7, -7, 7}, Shape.of(5));
        Tensor divisor = session.tensor(new int[] {3, 3, -3, -3, 0}, Shape.of(5));
        assertThat(whole.remainder(divisor).toInts()).containsExactly(1, 2, -2, -1, 0);
        assertThat(whole.floorDivide(divisor).toInts()).containsExactly(2, -3, -3, 2, 0);
        assertThat(whole.remainder(3).toInts()).containsExactly(1, 2, 1, 2, 1);
        assertThat(a.floorDivide(2).narrow(0, 0, 2).toDoubles()).containsExactly(3, -4);
        assertThat(whole.floor().toInts()).containsExactly(7, -7, 7, -7, 7);
    }

    @Test
    void anglesAreThoseOfAllQuadrants() {
        Tensor y = session.tensor(new double[] {1, 1, -1, -1, 0});
        Tensor x = session.tensor(new double[] {1, -1, -1, 1, -1});
        double quarter = Math.PI / 4;
        assertThat(y.atan2(x).toDoubles())
                .containsExactly(new double[] {quarter, 3 * quarter, -3 * quarter, -quarter, Math.PI}, within(1e-15));
    }

    @Test
    void pairsOfTensorsBroadcast() {
        Tensor a = session.tensor(new double[][] {{1, 5}, {3, 2}});
        Tensor b = session.tensor(new double[] {2, 3});
        assertThat(a.maximum(b).toDoubles()).containsExactly(2, 5, 3, 3);
        assertThat(a.minimum(b).toDoubles()).containsExactly(1, 3, 2, 2);
        assertThat(a.pow(b).toDoubles()).containsExactly(new double[] {1, 125, 9, 8}, within(1e-12));
    }

    // ---- reductions ----

    static Stream<Arguments> reductions() {
        return Stream.of(
                Arguments.of("var", (UnaryOperator<Tensor>) x -> x.var(1)),
                Arguments.of("population var", (UnaryOperator<Tensor>) x -> x.var(0, true, 0, 1)),
                Arguments.of("std", (UnaryOperator<Tensor>) x -> x.std(0)),
                Arguments.of("norm", (UnaryOperator<Tensor>) x -> x.norm()),
                Arguments.of("norm of rows", (UnaryOperator<Tensor>) x -> x.norm(true, -1)),
                Arguments.of("logSumExp", (UnaryOperator<Tensor>) x -> x.logSumExp(false, 1)),
                Arguments.of("std of rows", (UnaryOperator<Tensor>) x -> x.std(0, true, -1)),
                Arguments.of("norm of columns", (UnaryOperator<Tensor>) x -> x.norm(-2)),
                Arguments.of("logSumExp of columns", (UnaryOperator<Tensor>) x -> x.logSumExp(true, -2)),
                Arguments.of("softmax of rows", (UnaryOperator<Tensor>) x -> x.softmax(-1)),
                Arguments.of("softmax", (UnaryOperator<Tensor>) x -> x.softmax(0)),
                Arguments.of("logSoftmax", (UnaryOperator<Tensor>) x -> x.logSoftmax(0)),
                Arguments.of("sum", (UnaryOperator<Tensor>) x -> x.sum(0, 1)),
                Arguments.of("mean", (UnaryOperator<Tensor>) x -> x.mean(1)),
                Arguments.of("max", (UnaryOperator<Tensor>) x -> x.max(1)),
                Arguments.of("min", (UnaryOperator<Tensor>) x -> x.min()));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("reductions")
    void gradientsOfReductions(String name, UnaryOperator<Tensor> function) {
        assertGradient(function, numbers(3, 4));
        assertGradient(function, numbers(4, 3).mT());
        assertGradient(function, numbers(3, 8).slice(1, 1, 8, 2));
    }

    @Test
    void axesAreLeftOutOrAllTaken() {
        Tensor x = session.tensor(new double[][] {{1, 5, 3}, {4, 2, 6}});
        assertThat(x.sum().item()).isEqualTo(21);
        assertThat(x.sum(1).toDoubles()).containsExactly(9, 12);
        assertThat(x.mean(0).toDoubles()).containsExactly(2.5, 3.5, 4.5);
        assertThat(x.max().item()).isEqualTo(6);
        assertThat(x.min(-1).toDoubles()).containsExactly(1, 2);
        assertThat(x.argMax().item()).isEqualTo(5);
        assertThat(x.argMin().item()).isZero();
        assertThat(x.var(1).shape()).isEqualTo(Shape.of(2));
        assertThat(x.norm(true, 0).shape()).isEqualTo(Shape.of(1, 3));
        assertThat(x.logSumExp(false, 0, 1).shape()).isEqualTo(Shape.scalar());
    }

    @Test
    void varianceIsOfASampleUnlessAPopulationIsMeant() {
        Tensor x = session.tensor(new double[] {2, 4, 4, 4, 5, 5, 7, 9});
        assertThat(x.var().item()).isCloseTo(32.0 / 7, within(1e-14));
        assertThat(x.var(0, false, 0).item()).isEqualTo(4);
        assertThat(x.std(0, false, 0).item()).isEqualTo(2);
        assertThat(session.tensor(new double[] {3}).var().item()).isNaN();
        assertThat(session.zeros(Shape.of(0)).var().item()).isNaN();
    }

    /** Their squares differ in digits that float32 does not have. */
    @Test
    void varianceOfNumbersFarFromZeroIsRight() {
        try (Session single = Session.open("cpu-scalar")) {
            Tensor x = single.tensor(new float[] {10_000, 10_001, 10_002});
            assertThat(x.var().item()).isEqualTo(1);
        }
    }

    @Test
    void normsNeitherOverflowNorUnderflow() {
        try (Session single = Session.open("cpu-scalar")) {
            assertThat(single.tensor(new float[] {3e30f, 4e30f}).norm().item()).isCloseTo(5e30, within(1e24));
            assertThat(single.tensor(new float[] {3e-30f, 4e-30f}).norm().item())
                    .isCloseTo(5e-30, within(1e-36));
            assertThat(single.tensor(new float[] {0, 0}).norm().item()).isZero();
            assertThat(single.zeros(Shape.of(0)).norm().item()).isZero();
            assertThat(single.tensor(new float[] {Float.NaN, 1}).norm().item()).isNaN();
            assertThat(single.tensor(new float[] {Float.NEGATIVE_INFINITY, 1})
                            .norm()
                            .item())
                    .isEqualTo(Double.POSITIVE_INFINITY);
        }
    }

    /** Of 100,000 numbers, neither the count nor a sum of squares has a finite float16. */
    @Test
    void reductionsOf16BitsAreComputedInFloat32() {
        for (DType type : List.of(DType.FLOAT16, DType.BFLOAT16)) {
            try (Session narrow = Session.builder("cpu-scalar").dtype(type).open()) {
                Tensor many = narrow.normal(Shape.of(100_000), 1).mul(20);
                Tensor exact = session.tensor(many.toDoubles());
                assertAlike(many.var(), exact.var());
                assertAlike(many.std(), exact.std());
                assertAlike(many.norm(), exact.norm());
                assertAlike(many.mul(0.01).logSumExp(false, 0), exact.mul(0.01).logSumExp(false, 0));
                Tensor close = narrow.tensor(new float[] {0.001f, 0.002f, 0.003f});
                assertAlike(close.std(), session.tensor(close.toDoubles()).std());
                Tensor far = narrow.tensor(new float[] {0, 1000, 2000});
                assertAlike(far.std(), session.tensor(far.toDoubles()).std());
            }
        }
    }

    private static void assertAlike(Tensor got, Tensor exact) {
        double share = got.dtype() == DType.FLOAT16 ? 0x1p-10 : 0x1p-7;
        assertThat(got.item()).isCloseTo(exact.item(), within(exact.item() * share));
    }

    @Test
    void deviationsWhoseSquaresUnderflowAreRight() {
        try (Session single = Session.open("cpu-scalar")) {
            Tensor x = single.tensor(new float[] {1e-25f, 2e-25f, 3e-25f});
            assertThat(x.std().item()).isCloseTo(1e-25, within(1e-31));
        }
    }

    // ---- integers ----

    @Test
    void integersHaveExtremesBoundsAndMagnitudes() {
        Tensor x = session.tensor(new int[] {0, Integer.MIN_VALUE, -3, Integer.MAX_VALUE});
        assertThat(x.argMin().item()).isEqualTo(1);
        assertThat(x.argMax().item()).isEqualTo(3);
        assertThat(x.clamp(-2, 5).toInts()).containsExactly(0, -2, -2, 5);
        assertThat(x.maximum(-3).toInts()).containsExactly(0, -3, -3, Integer.MAX_VALUE);
        assertThat(x.minimum(-3).toInts()).containsExactly(-3, Integer.MIN_VALUE, -3, -3);
        assertThat(x.abs().toInts()).containsExactly(0, Integer.MIN_VALUE, 3, Integer.MAX_VALUE);
        assertThat(x.sub(1).toInts()).containsExactly(-1, Integer.MAX_VALUE, -4, Integer.MAX_VALUE - 1);
        assertThat(session.tensor(new int[] {-1}).sub(Integer.MIN_VALUE).toInts())
                .containsExactly(Integer.MAX_VALUE);
        assertThat(x.rsub(1).toInts()).containsExactly(1, -Integer.MAX_VALUE, 4, -Integer.MAX_VALUE + 1);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> x.sub(0.5))
                .withMessageContainingAll("sub of", "0.5", "to(DType)");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> x.clamp(0, 0.5))
                .withMessageContainingAll("minimum of", "0.5");
    }

    @Test
    void gradientsAtZeroAreZero() {
        assertThat(gradient(x -> x.norm(), session.zeros(Shape.of(3)))).containsOnly(0);
        assertThat(gradient(x -> x.std(), session.ones(Shape.of(3)))).containsOnly(0);
    }

    @Test
    void logSumExpTakesLargeNumbersAndInfinities() {
        double inf = Double.POSITIVE_INFINITY;
        Tensor x = session.tensor(new double[][] {{1000, 1000}, {-inf, 2}, {-inf, -inf}, {inf, 1}});
        assertThat(x.logSumExp(false, 1).toDoubles())
                .containsExactly(new double[] {1000 + Math.log(2), 2, -inf, inf}, within(1e-12));
    }

    @Test
    void softmaxOfAnyAxisAddsUpToOne() {
        Tensor x = numbers(2, 3, 4);
        assertThat(x.softmax(1).sum(1).toDoubles())
                .containsExactly(session.ones(Shape.of(8)).toDoubles(), within(1e-14));
        assertThat(x.softmax(2).toDoubles()).isEqualTo(x.softmax().toDoubles());
        assertThat(x.logSoftmax(0).exp().toDoubles())
                .containsExactly(x.softmax(0).toDoubles(), within(1e-14));
    }

    // ---- layers ----

    @Test
    void linearTakesAnyNumberOfAxesInFront() {
        Tensor w = session.tensor(new double[][] {{1, 2}, {3, 4}, {5, 6}});
        Tensor b = session.tensor(new double[] {10, 20, 30});
        assertThat(session.tensor(new double[] {1, 1}).linear(w, b).toDoubles()).containsExactly(13, 27, 41);
        Tensor x = numbers(2, 4, 2);
        Tensor y = x.linear(w, null);
        assertThat(y.shape()).isEqualTo(Shape.of(2, 4, 3));
        assertThat(y.toDoubles()).containsExactly(x.matmul(w.mT()).toDoubles(), within(1e-14));
        assertGradient(t -> t.linear(w, b), x);
    }

    @Test
    void convolvesAndPools() {
        Tensor x = session.arange(0, 16, 1).reshape(1, 1, 4, 4);
        Tensor w = session.ones(Shape.of(1, 1, 2, 2));
        assertThat(x.conv2d(w).shape()).isEqualTo(Shape.of(1, 1, 3, 3));
        assertThat(x.conv2d(
                                w,
                                session.tensor(new double[] {1}),
                                Conv2dParameters.defaults().withStride(2))
                        .toDoubles())
                .containsExactly(11, 19, 43, 51);
        assertThat(x.conv2d(w, null, Conv2dParameters.defaults().withPadding(1).withDilation(2))
                        .shape())
                .isEqualTo(Shape.of(1, 1, 4, 4));
        assertThat(x.maxPool2d(2).toDoubles()).containsExactly(5, 7, 13, 15);
        assertThat(x.avgPool2d(2).toDoubles()).containsExactly(2.5, 4.5, 10.5, 12.5);
        assertThat(x.maxPool2d(Pool2dParameters.of(2).withStride(1)).shape()).isEqualTo(Shape.of(1, 1, 3, 3));
        assertThat(x.avgPool2d(Pool2dParameters.of(2).withStride(2).withPadding(1))
                        .shape())
                .isEqualTo(Shape.of(1, 1, 3, 3));
        Tensor depthwise = session.ones(Shape.of(2, 1, 1, 1));
        assertThat(numbers(1, 2, 2, 2)
                        .conv2d(depthwise, null, Conv2dParameters.defaults().withGroups(2))
                        .toDoubles())
                .isEqualTo(numbers(1, 2, 2, 2).toDoubles());
    }

    @Test
    void dropoutDropsTheSameForTheSameKey() {
        Tensor x = session.ones(Shape.of(1000));
        double[] dropped = x.dropout(0.25, new RandomKey(1, 2, 3)).toDoubles();
        assertThat(dropped).isEqualTo(x.dropout(0.25, new RandomKey(1, 2, 3)).toDoubles());
        assertThat(dropped).isNotEqualTo(x.dropout(0.25, new RandomKey(1, 2, 4)).toDoubles());
        assertThat(Arrays.stream(dropped).distinct().sorted().toArray())
                .containsExactly(new double[] {0, 4.0 / 3}, within(1e-15));
        assertThat(Arrays.stream(dropped).filter(value -> value == 0).count()).isBetween(200L, 300L);
    }

    // ---- shape ----

    static Stream<Arguments> shapes() {
        return Stream.of(
                Arguments.of((UnaryOperator<Tensor>) x -> x.unsqueeze(0), Shape.of(1, 2, 1, 3)),
                Arguments.of((UnaryOperator<Tensor>) x -> x.unsqueeze(-1), Shape.of(2, 1, 3, 1)),
                Arguments.of((UnaryOperator<Tensor>) x -> x.squeeze(), Shape.of(2, 3)),
                Arguments.of((UnaryOperator<Tensor>) x -> x.squeeze(1), Shape.of(2, 3)),
                Arguments.of((UnaryOperator<Tensor>) x -> x.flatten(), Shape.of(6)),
                Arguments.of((UnaryOperator<Tensor>) x -> x.flatten(1, -1), Shape.of(2, 3)),
                Arguments.of((UnaryOperator<Tensor>) x -> x.mT(), Shape.of(2, 3, 1)),
                Arguments.of((UnaryOperator<Tensor>) x -> x.select(2, -1), Shape.of(2, 1)),
                Arguments.of((UnaryOperator<Tensor>) x -> x.slice(2, 0, 3, 2), Shape.of(2, 1, 2)),
                Arguments.of((UnaryOperator<Tensor>) x -> x.split(2, 1, 2).get(1), Shape.of(2, 1, 2)),
                Arguments.of((UnaryOperator<Tensor>) x -> x.chunk(2, 2).get(0), Shape.of(2, 1, 2)),
                Arguments.of((UnaryOperator<Tensor>) x -> x.repeat(2, 3, 1), Shape.of(4, 3, 3)),
                Arguments.of((UnaryOperator<Tensor>) x -> x.repeat(2, 1, 1, 1), Shape.of(2, 2, 1, 3)),
                Arguments.of((UnaryOperator<Tensor>) x -> x.pad(2, 1, 2), Shape.of(2, 1, 6)),
                Arguments.of((UnaryOperator<Tensor>) x -> Tensor.stack(1, x, x.mul(2)), Shape.of(2, 2, 1, 3)),
                Arguments.of((UnaryOperator<Tensor>) x -> Tensor.stack(-1, x, x), Shape.of(2, 1, 3, 2)),
                Arguments.of((UnaryOperator<Tensor>) x -> Tensor.concat(0, x, x), Shape.of(4, 1, 3)));
    }

    @ParameterizedTest
    @MethodSource("shapes")
    void shapesAndTheirGradients(UnaryOperator<Tensor> function, Shape expected) {
        assertThat(function.apply(numbers(2, 1, 3)).shape()).isEqualTo(expected);
        assertGradient(function, numbers(2, 1, 3));
        assertGradient(function, numbers(3, 1, 2).transpose(0, 2));
    }

    @Test
    void elementsComeInOrder() {
        Tensor x = session.arange(0, 6, 1).reshape(2, 3);
        assertThat(x.mT().toDoubles()).containsExactly(0, 3, 1, 4, 2, 5);
        assertThat(x.select(0, 1).toDoubles()).containsExactly(3, 4, 5);
        assertThat(x.slice(1, 0, 3, 2).toDoubles()).containsExactly(0, 2, 3, 5);
        assertThat(x.repeat(1, 2).toDoubles()).containsExactly(0, 1, 2, 0, 1, 2, 3, 4, 5, 3, 4, 5);
        assertThat(x.pad(1, 1, 0).toDoubles()).containsExactly(0, 0, 1, 2, 0, 3, 4, 5);
        assertThat(Tensor.stack(1, x, x.neg()).toDoubles()).containsExactly(0, 1, 2, -0.0, -1, -2, 3, 4, 5, -3, -4, -5);
        List<Tensor> parts = x.flatten().chunk(0, 4);
        assertThat(parts).extracting(part -> part.shape().size(0)).containsExactly(2, 2, 1, 1);
        assertThat(parts.get(1).toDoubles()).containsExactly(2, 3);
    }

    @Test
    void picksByIndices() {
        Tensor table = session.arange(0, 8, 1).reshape(4, 2);
        assertThat(table.indexSelect(0, session.tensor(new int[] {3, 0})).toDoubles())
                .containsExactly(6, 7, 0, 1);
        Tensor rows = table.embedding(session.tensor(new int[][] {{1}, {2}}));
        assertThat(rows.shape()).isEqualTo(Shape.of(2, 1, 2));
        assertThat(rows.toDoubles()).containsExactly(2, 3, 4, 5);
        assertThat(session.tensor(new int[] {2, 0}).oneHot(3).toDoubles()).containsExactly(0, 0, 1, 1, 0, 0);
        assertGradient(x -> x.embedding(session.tensor(new int[] {1, 1, 0})), numbers(3, 2));
    }

    @Test
    void refusesWhatDoesNotFit() {
        Tensor x = numbers(2, 3);
        assertThatIllegalArgumentException().isThrownBy(() -> x.squeeze(1)).withMessageContaining("axis of size 1");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> x.unsqueeze(3))
                .withMessageContaining("from -3 to 2, got 3");
        assertThatIllegalArgumentException().isThrownBy(() -> x.split(1, 1, 1)).withMessageContaining("add up to 3");
        for (int parts : new int[] {0, 4, Integer.MAX_VALUE}) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> x.chunk(1, parts))
                    .withMessageContainingAll("chunk expects 1 to 3 parts", "got " + parts);
        }
        assertThatIllegalArgumentException()
                .isThrownBy(() -> x.pad(0, 1, Integer.MAX_VALUE))
                .withMessageContainingAll("pad of [2, 3]", "2147483650");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> x.repeat(1 << 30, 1))
                .withMessageContainingAll("repeat of [2, 3]", "2147483648");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> x.softmax(2))
                .withMessageContaining("softmax: Axis 2 does not exist in shape [2, 3]");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> x.add(numbers(4)))
                .withMessageContaining("add: Shapes [2, 3] and [4] do not broadcast");
        assertThatIllegalArgumentException().isThrownBy(() -> x.select(0, 2)).withMessageContaining("from -2 to 1");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> x.slice(1, 0, 4, 1))
                .withMessageContaining("end <= 3");
        assertThatIllegalArgumentException().isThrownBy(() -> x.flatten(1, 0)).withMessageContaining("in order");
        assertThatIllegalArgumentException().isThrownBy(() -> x.repeat(2)).withMessageContaining("a count");
        assertThatIllegalArgumentException().isThrownBy(() -> x.pad(0, -1, 0)).withMessageContaining("at least 0");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> x.var(-1, false, 0))
                .withMessageContaining("correction");
        assertThatIllegalArgumentException().isThrownBy(() -> x.flatten().mT()).withMessageContaining("two axes");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Tensor.stack(0))
                .withMessageContaining("stack expects at least one");
        assertThatIllegalArgumentException().isThrownBy(() -> x.linear(numbers(4, 4), null));
        assertThatIllegalArgumentException().isThrownBy(() -> x.addInPlace(numbers(3, 3)));
    }

    // ---- in place ----

    @Test
    void changesInPlace() {
        Tensor x = session.tensor(new double[][] {{1, 2}, {3, 4}});
        Tensor row = session.tensor(new double[] {10, 20});
        assertThat(x.addInPlace(row)).isSameAs(x);
        assertThat(x.toDoubles()).containsExactly(11, 22, 13, 24);
        assertThat(x.subInPlace(row).mulInPlace(row).toDoubles()).containsExactly(10, 40, 30, 80);
        assertThat(x.divInPlace(row).toDoubles()).containsExactly(1, 2, 3, 4);
        assertThat(x.addInPlace(1).mulInPlace(2).clampInPlace(5, 8).toDoubles()).containsExactly(5, 6, 8, 8);
    }

    @Test
    void changesInPlaceLeaveNoTensor() {
        Tensor x = numbers(2, 3);
        Tensor row = numbers(3);
        try (Scope scope = session.scope("step")) {
            x.addInPlace(row);
            assertThat(scope.size()).isZero();
        }
    }

    // ---- gradients by central differences ----

    private double[] gradient(UnaryOperator<Tensor> function, Tensor x) {
        try (Tape tape = new Tape(session)) {
            Tensor watched = tape.watch(x);
            Tensor y = function.apply(watched);
            Tensor weights = weights(y.shape());
            return tape.gradients(y.mul(weights).sum(), watched).of(watched).toDoubles();
        }
    }

    private Tensor weights(Shape shape) {
        return session.normal(shape, 5);
    }

    private void assertGradient(UnaryOperator<Tensor> function, Tensor x) {
        double[] gradient = gradient(function, x);
        double[] values = x.toDoubles();
        double step = 1e-6;
        double[] expected = new double[values.length];
        for (int i = 0; i < values.length; i++) {
            expected[i] = (weighted(function, x, i, step) - weighted(function, x, i, -step)) / (2 * step);
        }
        assertThat(gradient).containsExactly(expected, within(1e-7));
    }

    private double weighted(UnaryOperator<Tensor> function, Tensor x, int place, double by) {
        double[] moved = x.toDoubles();
        moved[place] += by;
        Tensor y = function.apply(session.tensor(moved, x.shape()));
        return y.mul(weights(y.shape())).sum().item();
    }
}
