package org.alborz.tensor;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.alborz.backend.BinaryOp;
import org.alborz.backend.UnaryOp;
import org.alborz.ops.AttentionOp;
import org.alborz.ops.Clamp;
import org.alborz.ops.DropoutOp;
import org.alborz.ops.Engine;
import org.alborz.ops.LinearOp;
import org.alborz.ops.Narrow;
import org.alborz.ops.OneHot;
import org.alborz.ops.Op;
import org.alborz.ops.Pad;
import org.alborz.ops.RowNorm;
import org.alborz.ops.Unbind;
import org.alborz.random.RandomKey;
import org.alborz.text.Given;
import org.alborz.type.Activation;
import org.alborz.type.AttentionParameters;
import org.alborz.type.DType;
import org.alborz.type.Shape;

/**
 * What a tensor can do that is composed of operations, or is another spelling of one; {@link Tensor} has the operations themselves.
 * Gradients are those of the operations.
 *
 * <p>The file is long because it is a list: hardly a method has more than a few lines.
 */
abstract class TensorFunctions extends TensorArrangement {
    private Tensor self() {
        return (Tensor) this;
    }

    // ---- element by element ----

    /** Returns the magnitudes; of the smallest integer of a type, which has none, that number itself. */
    public Tensor abs() {
        return dtype().isFloating() ? self().apply(UnaryOp.ABS) : maximum(self().neg());
    }

    /** Returns −1, 0 or 1; NaN stays NaN. */
    public Tensor sign() {
        return self().apply(UnaryOp.SIGN);
    }

    /** Returns 1 / x. */
    public Tensor reciprocal() {
        return self().apply(UnaryOp.RECIPROCAL);
    }

    /** Returns 1 / √x. */
    public Tensor rsqrt() {
        return self().sqrt().reciprocal();
    }

    /** Returns the sine of angles in radians. */
    public Tensor sin() {
        return self().apply(UnaryOp.SIN);
    }

    /** Returns the cosine of angles in radians. */
    public Tensor cos() {
        return self().apply(UnaryOp.COS);
    }

    /** Returns the hyperbolic tangent. */
    public Tensor tanh() {
        return self().apply(UnaryOp.TANH);
    }

    /** Returns 1 / (1 + e⁻ˣ). */
    public Tensor sigmoid() {
        return self().apply(UnaryOp.SIGMOID);
    }

    /** Returns the error function. */
    public Tensor erf() {
        return self().apply(UnaryOp.ERF);
    }

    /** Returns x where it is positive, else slope·x. */
    public Tensor leakyRelu(double slope) {
        return self().apply(UnaryOp.LEAKY_RELU, slope);
    }

    /** Returns x where it is positive, else alpha·(eˣ − 1). */
    public Tensor elu(double alpha) {
        return self().apply(UnaryOp.ELU, alpha);
    }

    /** Returns x·Φ(x), Φ being the normal distribution's function, which is not approximated. */
    public Tensor gelu() {
        return self().apply(UnaryOp.GELU);
    }

    /** Returns x·sigmoid(x), also called swish; 0 at −∞. */
    public Tensor silu() {
        return self().apply(UnaryOp.SILU);
    }

    /** Returns ln(1 + eˣ), a smooth rectifier, without overflow. */
    public Tensor softplus() {
        return self().apply(UnaryOp.SOFTPLUS);
    }

    /** Returns λ·x where x is positive, else λ·α·(eˣ − 1), with the λ and α of Klambauer et al. 2017, about 1.0507 and 1.6733. */
    public Tensor selu() {
        return self().apply(UnaryOp.SELU);
    }

    /** Returns x·tanh(softplus(x)) (Misra 2019); 0 at −∞. */
    public Tensor mish() {
        return self().apply(UnaryOp.MISH);
    }

    /** Returns (x + 3) / 6, but not below 0 nor above 1; the gradient is 0 at and beyond these. */
    public Tensor hardSigmoid() {
        return self().apply(UnaryOp.HARD_SIGMOID);
    }

    /** Returns x·hardSigmoid(x) (Howard et al. 2019); 0 at −∞. */
    public Tensor hardSwish() {
        return self().apply(UnaryOp.HARD_SWISH);
    }

    /** Returns ln(1 + x), with all digits where x is near 0. */
    public Tensor log1p() {
        return self().apply(UnaryOp.LOG1P);
    }

    /** Returns eˣ − 1, with all digits where x is near 0. */
    public Tensor expm1() {
        return self().apply(UnaryOp.EXPM1);
    }

    /** Returns the largest whole numbers that are not above; the gradient is 0. Integers are returned as they are. */
    public Tensor floor() {
        return whole(UnaryOp.FLOOR);
    }

    /** Returns the smallest whole numbers that are not below; the gradient is 0. Integers are returned as they are. */
    public Tensor ceil() {
        return whole(UnaryOp.CEIL);
    }

    /** Returns the nearest whole numbers, the even one of two; the gradient is 0. Integers are returned as they are. */
    public Tensor round() {
        return whole(UnaryOp.ROUND);
    }

    /** Returns the numbers without their fractions; the gradient is 0. Integers are returned as they are. */
    public Tensor trunc() {
        return whole(UnaryOp.TRUNC);
    }

    private Tensor whole(UnaryOp op) {
        boolean whole = dtype() == DType.INT32 || dtype() == DType.INT64 || dtype() == DType.UINT8;
        return whole ? self().to(dtype()) : self().apply(op);
    }

    /** Returns the tangent of angles in radians. */
    public Tensor tan() {
        return self().apply(UnaryOp.TAN);
    }

    /** Returns the angles from −π/2 to π/2 that have these sines; NaN outside of [−1, 1]. */
    public Tensor asin() {
        return self().apply(UnaryOp.ASIN);
    }

    /** Returns the angles from 0 to π that have these cosines; NaN outside of [−1, 1]. */
    public Tensor acos() {
        return self().apply(UnaryOp.ACOS);
    }

    /** Returns the angles from −π/2 to π/2 that have these tangents. */
    public Tensor atan() {
        return self().apply(UnaryOp.ATAN);
    }

    /** Returns the angles of points, this being the ordinates and {@code x} the abscissas, from −π to π. Both broadcast. */
    public Tensor atan2(Tensor x) {
        return self().apply(BinaryOp.ATAN2, x);
    }

    /** Returns the hyperbolic sine. */
    public Tensor sinh() {
        return self().apply(UnaryOp.SINH);
    }

    /** Returns the hyperbolic cosine. */
    public Tensor cosh() {
        return self().apply(UnaryOp.COSH);
    }

    /** Returns the inverse of {@link #sinh}. */
    public Tensor asinh() {
        return self().apply(UnaryOp.ASINH);
    }

    /** Returns the inverse of {@link #cosh} that is not negative; NaN below 1. */
    public Tensor acosh() {
        return self().apply(UnaryOp.ACOSH);
    }

    /** Returns the inverse of {@link #tanh}; infinite at ±1, NaN beyond. */
    public Tensor atanh() {
        return self().apply(UnaryOp.ATANH);
    }

    /**
     * Returns the remainder of a division, with the sign of the divisor, as PyTorch's {@code remainder} and Python's {@code %}. Both broadcast;
     * floating, int32 or int64. By 0 it is NaN, of integers 0.
     */
    public Tensor remainder(Tensor divisor) {
        return self().apply(BinaryOp.REMAINDER, divisor);
    }

    /** Returns the remainder of a division by a number, as {@link #remainder(Tensor)}. */
    public Tensor remainder(double divisor) {
        return remainder(self().number("remainder", divisor));
    }

    /**
     * Returns the largest whole numbers that are not above the quotients, as PyTorch's {@code floor_divide} and Python's {@code //}. Both
     * broadcast; floating, int32 or int64. The gradient is 0. By 0 it is the quotient, of integers 0.
     */
    public Tensor floorDivide(Tensor divisor) {
        return self().apply(BinaryOp.FLOOR_DIVIDE, divisor);
    }

    /** Returns the floored quotients by a number, as {@link #floorDivide(Tensor)}. */
    public Tensor floorDivide(double divisor) {
        return floorDivide(self().number("floorDivide", divisor));
    }

    /** Returns x − value. */
    public Tensor sub(double value) {
        return dtype().isFloating() ? self().add(-value) : self().sub(self().number("sub", value));
    }

    /** Returns x / value, rounded once. */
    public Tensor div(double value) {
        return self().div(self().number("div", value));
    }

    /** Returns value − x. */
    public Tensor rsub(double value) {
        return dtype().isFloating()
                ? self().neg().add(value)
                : self().number("rsub", value).sub(self());
    }

    /** Returns value / x, rounded once. */
    public Tensor rdiv(double value) {
        return self().number("rdiv", value).div(self());
    }

    /** Returns x to the power of another tensor, which broadcasts with it. */
    public Tensor pow(Tensor exponent) {
        return self().apply(BinaryOp.POWER, exponent);
    }

    /** Returns the larger of each pair; NaN if either is. Both broadcast. Equal ones share the gradient. */
    public Tensor maximum(Tensor other) {
        return self().apply(BinaryOp.MAXIMUM, other);
    }

    /** Returns max(x, value); NaN stays NaN. */
    public Tensor maximum(double value) {
        return dtype().isFloating() ? self().apply(UnaryOp.MAXIMUM, value) : maximum(self().number("maximum", value));
    }

    /** Returns the smaller of each pair; NaN if either is. Both broadcast. Equal ones share the gradient. */
    public Tensor minimum(Tensor other) {
        return self().apply(BinaryOp.MINIMUM, other);
    }

    /** Returns min(x, value); NaN stays NaN. */
    public Tensor minimum(double value) {
        return dtype().isFloating() ? self().apply(UnaryOp.MINIMUM, value) : minimum(self().number("minimum", value));
    }

    /**
     * Returns the nearest number of [least, most]; NaN stays NaN. The gradient is 0 outside of it.
     *
     * @throws IllegalArgumentException if least is more than most or one is NaN
     */
    public Tensor clamp(double least, double most) {
        if (!(least <= most)) {
            throw new IllegalArgumentException(
                    "clamp expects a lower bound not above the upper one, got " + least + " and " + most);
        }
        if (dtype().isFloating()) {
            return Engine.apply(new Clamp(least, most), self());
        }
        try (Tensor bounded = maximum(least)) {
            return bounded.minimum(most);
        }
    }

    // ---- reductions ----

    /** Returns the sums along the given axes, which are left out; of all elements as a scalar without axes. */
    public Tensor sum(int... axes) {
        return self().sum(false, axesOrAll(axes));
    }

    /** Returns the means along the given axes, which are left out; of all elements as a scalar without axes. */
    public Tensor mean(int... axes) {
        return self().mean(false, axesOrAll(axes));
    }

    /** Returns the largest elements along the given axes, which are left out; of all elements as a scalar without axes. */
    public Tensor max(int... axes) {
        return self().max(false, axesOrAll(axes));
    }

    /** Returns the smallest elements along the given axes, which are left out; of all elements as a scalar without axes. */
    public Tensor min(int... axes) {
        return self().min(false, axesOrAll(axes));
    }

    /** Returns the index, in row-major order, of the first largest element, as an int32 scalar. */
    public Tensor argMax() {
        return self().reshape(-1).argMax(0);
    }

    /** Returns the index, in row-major order, of the first smallest element, as an int32 scalar. */
    public Tensor argMin() {
        return self().reshape(-1).argMin(0);
    }

    /**
     * Returns the sample variances along the given axes, of all elements without: the squared distances from the mean, added up and divided
     * by n − 1, as in PyTorch. Of one element, NaN.
     */
    public Tensor var(int... axes) {
        return var(1, false, axesOrAll(axes));
    }

    /**
     * Returns the variances along the given axes, in two passes: first the mean, then the squared distances from it.
     *
     * @param correction what n is reduced by in the divisor: 1 for a sample's, 0 for a population's variance
     * @param keepDims whether the axes stay, with size 1
     */
    public Tensor var(int correction, boolean keepDims, int... axes) {
        double divisor = divisor("var", correction, axes);
        return fromMean(axes).square().sum(keepDims, axes).div(divisor).to(dtype());
    }

    /** Returns the square roots of {@link #var(int...)}. */
    public Tensor std(int... axes) {
        return std(1, false, axesOrAll(axes));
    }

    /** Returns the square roots of {@link #var(int, boolean, int...)}; where that is 0, so is the gradient. */
    public Tensor std(int correction, boolean keepDims, int... axes) {
        double divisor = divisor("std", correction, axes);
        return fromMean(axes).norm(keepDims, axes).div(Math.sqrt(divisor)).to(dtype());
    }

    /** Returns what a sum of squared distances is divided by. */
    private double divisor(String method, int correction, int... axes) {
        if (correction < 0) {
            throw new IllegalArgumentException(method + " expects a correction of at least 0, got " + correction);
        }
        return Math.max(0, elementsAlong(axes) - correction);
    }

    /** Returns the distances from the means along some axes, in the type of sums. */
    private Tensor fromMean(int... axes) {
        Tensor x = ofSums();
        return x.sub(x.mean(true, axes));
    }

    /** Returns these numbers in the type of their sums: 16 bits do not hold those of many, and hardly a square. */
    private Tensor ofSums() {
        return dtype().isFloating() ? self().to(dtype().accumulator()) : self();
    }

    /** Returns the Euclidean norms along the given axes, which are left out; of all elements as a scalar without axes. */
    public Tensor norm(int... axes) {
        return norm(false, axesOrAll(axes));
    }

    /**
     * Returns the Euclidean norms along the given axes, which stay with size 1 if {@code keepDims}. Squares neither overflow nor underflow,
     * since elements are divided by the largest first. Where the norm is 0, so is the gradient.
     */
    public Tensor norm(boolean keepDims, int... axes) {
        if (elementsAlong(axes) == 0) {
            return self().square().sum(keepDims, axes);
        }
        Tensor x = ofSums();
        Tensor largest = x.detach().abs().max(true, axes);
        // The sum is 1 or more unless all are 0.
        Tensor root = x.div(largest.clamp(smallestPositive(), largestFinite()))
                .square()
                .sum(true, axes)
                .maximum(1)
                .sqrt();
        return without(keepDims, root.mul(largest), axes).to(dtype());
    }

    /** Returns ln Σ eˣ along the given axes, which stay with size 1 if {@code keepDims}, without overflow. */
    public Tensor logSumExp(boolean keepDims, int... axes) {
        double bound = largestFinite();
        Tensor x = ofSums();
        Tensor largest = x.detach().max(true, axes).clamp(-bound, bound);
        return without(keepDims, x.sub(largest).exp().sum(true, axes).log().add(largest), axes)
                .to(dtype());
    }

    private static Tensor without(boolean keepDims, Tensor reduced, int... axes) {
        if (keepDims) {
            return reduced;
        }
        int[] sorted = reduced.shape().axes(axes);
        Arrays.sort(sorted);
        Shape shape = reduced.shape();
        for (int i = sorted.length - 1; i >= 0; i--) {
            shape = shape.remove(sorted[i]);
        }
        return reduced.reshape(shape);
    }

    /** Of the type of sums, as {@link #largestFinite} is. */
    private double smallestPositive() {
        return dtype() == DType.FLOAT64 ? Double.MIN_VALUE : Float.MIN_VALUE;
    }

    private double largestFinite() {
        return dtype() == DType.FLOAT64 ? Double.MAX_VALUE : Float.MAX_VALUE;
    }

    private int[] axesOrAll(int... axes) {
        return Given.value(axes, "A reduction", "axes").length == 0 ? self().allAxes() : axes;
    }

    private long elementsAlong(int... axes) {
        long elements = 1;
        for (int axis : self().shape().axes(axes)) {
            elements *= shape().size(axis);
        }
        return elements;
    }

    /** Returns the softmax over an axis. */
    public Tensor softmax(int axis) {
        return isLast("softmax", axis)
                ? self().softmax()
                : self().transpose(axis, -1).softmax().transpose(axis, -1);
    }

    /** Returns the logarithm of the softmax over an axis. */
    public Tensor logSoftmax(int axis) {
        return isLast("logSoftmax", axis)
                ? self().logSoftmax()
                : self().transpose(axis, -1).logSoftmax().transpose(axis, -1);
    }

    private boolean isLast(String method, int axis) {
        return axis(method, axis) == shape().rank() - 1;
    }

    /** Returns an axis counted from the start; refuses one that there is not. */
    int axis(String method, int axis) {
        try {
            return shape().axis(axis);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(method + ": " + e.getMessage(), e);
        }
    }

    int sizeAlong(String method, int axis) {
        return shape().size(axis(method, axis));
    }

    // ---- layers ----

    /**
     * Returns x·wᵀ + bias over the last axis.
     *
     * @param weight {@code [out, in]}
     * @param bias {@code [out]}, or null for none
     */
    public Tensor linear(Tensor weight, Tensor bias) {
        Op linear = new LinearOp(Activation.NONE);
        int rank = shape().rank();
        if (rank == 2 || rank == 0) {
            return Engine.apply(linear, self(), weight, bias);
        }
        int in = shape().size(-1);
        int rows = length("linear", shape().remove(rank - 1).elements());
        Tensor y = Engine.apply(linear, self().reshape(rows, in), weight, bias);
        return y.reshape(shape().with(rank - 1, y.shape().size(1)));
    }

    /**
     * Returns 0 in place of a share of the elements and the others divided by 1 − rate, so that the expectation stays.
     *
     * @param rate in [0, 1)
     * @param key names the random numbers: the same key drops the same elements, so it has the step's number as counter
     */
    public Tensor dropout(double rate, RandomKey key) {
        return Engine.apply(new DropoutOp(rate, Given.value(key, "dropout", "a random key")), self());
    }

    /**
     * Returns the layer normalisation (Ba, Kiros and Hinton 2016) along the last axis: {@code (x − mean) / √(variance + ε)·weight + bias}.
     *
     * @param weight {@code [D]}, of this tensor's type or of its {@link DType#accumulator}; null for ones
     * @param bias as the weight; null for zeros, as it is without a weight
     */
    public Tensor layerNorm(Tensor weight, Tensor bias, double epsilon) {
        return Engine.apply(new RowNorm(true, epsilon), self(), weight, bias);
    }

    /**
     * Returns the root mean square normalisation (Zhang and Sennrich 2019) along the last axis: {@code x / √(mean of x² + ε)·weight}.
     *
     * @param weight as {@link #layerNorm} takes it
     */
    public Tensor rmsNorm(Tensor weight, double epsilon) {
        return Engine.apply(new RowNorm(false, epsilon), self(), weight, null);
    }

    // ---- shape ----

    /** Returns a view without the axes of size 1. */
    public Tensor squeeze() {
        return self().reshape(Arrays.stream(shape().toArray())
                .filter(size -> size != 1)
                .toArray());
    }

    /**
     * Returns a view without an axis of size 1.
     *
     * @throws IllegalArgumentException if it is of another size
     */
    public Tensor squeeze(int axis) {
        if (sizeAlong("squeeze", axis) != 1) {
            throw new IllegalArgumentException("squeeze expects an axis of size 1, got axis " + axis + " of "
                    + self().describe() + "; squeeze() leaves out those that are");
        }
        return self().reshape(shape().remove(shape().axis(axis)));
    }

    /** Returns a view with an axis of size 1 more, which becomes axis {@code axis} of the result; −1 is the last one. */
    public Tensor unsqueeze(int axis) {
        int rank = shape().rank() + 1;
        if (axis < -rank || axis >= rank) {
            throw new IllegalArgumentException("unsqueeze expects an axis from " + -rank + " to " + (rank - 1)
                    + ", got " + axis + " for " + self().describe());
        }
        return self().reshape(shape().insert(axis < 0 ? axis + rank : axis, 1));
    }

    /** Returns the elements, read in row-major order, as a vector. */
    public Tensor flatten() {
        return self().reshape(-1);
    }

    /** Returns the elements with the axes from one to another, inclusive, joined to one: {@code flatten(1, -1)} keeps the batch. */
    public Tensor flatten(int from, int to) {
        int first = axis("flatten", from);
        int last = axis("flatten", to);
        if (first > last) {
            throw new IllegalArgumentException(
                    "flatten expects axes in order, got " + from + " and " + to + " for " + self().describe());
        }
        long joined = 1;
        for (int axis = first; axis <= last; axis++) {
            joined *= shape().size(axis);
        }
        Shape shape = shape();
        for (int axis = last; axis > first; axis--) {
            shape = shape.remove(axis);
        }
        return self().reshape(shape.with(first, length("flatten", joined)));
    }

    /** Returns the size of an axis of the result; refuses one that no axis can have. */
    int length(String method, long size) {
        if (size > Integer.MAX_VALUE) {
            throw new IllegalArgumentException(method + " of " + self().describe() + " expects a result of at most "
                    + Integer.MAX_VALUE + " elements along each axis, got " + size);
        }
        return (int) size;
    }

    /** Returns a view whose last two axes are exchanged: the transpose of each matrix. */
    public Tensor mT() {
        if (shape().rank() < 2) {
            throw new IllegalArgumentException("mT expects at least two axes, got " + self().describe());
        }
        return self().transpose(-2, -1);
    }

    /** Returns a view of one element along an axis, which is left out. */
    public Tensor select(int axis, int index) {
        int size = sizeAlong("select", axis);
        if (index < -size || index >= size) {
            throw new IllegalArgumentException("select expects an index from " + -size + " to " + (size - 1)
                    + " along axis " + axis + " of " + self().describe() + ", got " + index);
        }
        return self().narrow(axis, index < 0 ? index + size : index, 1).squeeze(axis);
    }

    /** Returns a view of the elements along an axis from {@code start} to before {@code end}, each {@code step}-th. */
    public Tensor slice(int axis, int start, int end, int step) {
        int size = sizeAlong("slice", axis);
        if (start < 0 || end < start || end > size || step < 1) {
            throw new IllegalArgumentException("slice expects 0 <= start <= end <= " + size
                    + " and a step of at least 1, got " + start + ", " + end + " and " + step + " along axis " + axis
                    + " of " + self().describe());
        }
        return Engine.apply(new Narrow(axis, start, (int) ((end - start + step - 1L) / step), step), self());
    }

    /**
     * Divides along an axis into views of the given lengths.
     *
     * @throws IllegalArgumentException if they do not add up to its size
     */
    public List<Tensor> split(int axis, int... lengths) {
        long sum = Arrays.stream(Given.value(lengths, "split", "lengths"))
                .asLongStream()
                .sum();
        int size = sizeAlong("split", axis);
        if (sum != size || Arrays.stream(lengths).anyMatch(length -> length < 0)) {
            throw new IllegalArgumentException("split expects lengths that add up to " + size + " along axis " + axis
                    + " of " + self().describe() + ", got " + Arrays.toString(lengths));
        }
        List<Tensor> parts = new ArrayList<>();
        int start = 0;
        for (int length : lengths) {
            parts.add(self().narrow(axis, start, length));
            start += length;
        }
        return parts;
    }

    /**
     * Divides along an axis into so many views, the first of which are one longer where the size is no multiple.
     *
     * @param parts from 1 to the axis's size, or 1 where that is 0
     */
    public List<Tensor> chunk(int axis, int parts) {
        int size = sizeAlong("chunk", axis);
        if (parts < 1 || parts > Math.max(1, size)) {
            throw new IllegalArgumentException("chunk expects 1 to " + Math.max(1, size) + " parts along axis " + axis
                    + " of " + self().describe() + ", got " + parts);
        }
        int[] lengths = new int[parts];
        Arrays.setAll(lengths, i -> size / parts + (i < size % parts ? 1 : 0));
        return split(axis, lengths);
    }

    /**
     * Returns the slices along an axis, which is left out: copies, whose gradient is one tensor for all of them.
     *
     * @throws IllegalArgumentException if the axis has no elements
     */
    public List<Tensor> unbind(int axis) {
        int size = sizeAlong("unbind", axis);
        return List.of(Engine.applyAll(new Unbind(axis, size), size, self()));
    }

    /**
     * Joins tensors of one shape along a new axis, which becomes axis {@code axis} of the result.
     *
     * @param parts at least one
     */
    public static Tensor stack(int axis, Tensor... parts) {
        if (Given.value(parts, "stack", "tensors").length == 0) {
            throw new IllegalArgumentException("stack expects at least one tensor, got none");
        }
        Tensor[] single = new Tensor[parts.length];
        for (int i = 0; i < parts.length; i++) {
            single[i] = Given.value(parts[i], "stack", "tensors").unsqueeze(axis);
        }
        return Tensor.concat(axis, single);
    }

    /**
     * Repeats the whole along each axis, as PyTorch's {@code repeat} and NumPy's {@code tile}.
     *
     * @param times for each axis; where there are more, the first are of new axes in front
     */
    public Tensor repeat(int... times) {
        int added = Given.value(times, "repeat", "a count for each axis").length - shape().rank();
        if (added < 0 || Arrays.stream(times).anyMatch(count -> count < 0)) {
            throw new IllegalArgumentException("repeat expects a count of at least 0 for each axis of "
                    + self().describe() + ", got " + Arrays.toString(times));
        }
        int[] apart = new int[2 * times.length];
        int[] spread = new int[2 * times.length];
        int[] joined = new int[times.length];
        for (int i = 0; i < times.length; i++) {
            int size = i < added ? 1 : shape().size(i - added);
            apart[2 * i] = 1;
            apart[2 * i + 1] = size;
            spread[2 * i] = times[i];
            spread[2 * i + 1] = size;
            joined[i] = length("repeat", (long) times[i] * size);
        }
        return self().reshape(Shape.of(apart)).expand(Shape.of(spread)).reshape(Shape.of(joined));
    }

    /** Adds zeros before and after the elements along an axis. */
    public Tensor pad(int axis, int before, int after) {
        if (before < 0 || after < 0) {
            throw new IllegalArgumentException(
                    "pad expects at least 0 elements on both sides, got " + before + " and " + after);
        }
        int size = length("pad", (long) before + sizeAlong("pad", axis) + after);
        return Engine.apply(new Pad(axis, before, 1, size), self());
    }

    /** Returns the slices at the given indices along an axis; {@code indices} is a vector. */
    public Tensor indexSelect(int axis, Tensor indices) {
        if (Given.value(indices, "indexSelect", "indices").shape().rank() != 1) {
            throw new IllegalArgumentException("indexSelect expects indices [K], got " + indices.describe());
        }
        return self().gather(axis, indices);
    }

    /**
     * Returns what queries find among keys, {@code softmax(Q·Kᵀ / √E)·V} (Vaswani et al. 2017), attending to every key.
     *
     * @param query {@code [N, H, L, E]}
     * @param key {@code [N, G, S, E]}, H being a multiple of G
     * @param value {@code [N, G, S, D]}
     * @return {@code [N, H, L, D]}
     */
    public static Tensor scaledDotProductAttention(Tensor query, Tensor key, Tensor value) {
        return scaledDotProductAttention(query, key, value, null, AttentionParameters.defaults());
    }

    /**
     * Returns what queries find among keys, {@code softmax(scale·Q·Kᵀ + mask)·V} (Vaswani et al. 2017). Where there are fewer heads of keys
     * than of queries, as many query heads after each other share one (Ainslie et al. 2023).
     *
     * @param query {@code [N, H, L, E]}
     * @param key {@code [N, G, S, E]}, H being a multiple of G
     * @param value {@code [N, G, S, D]}
     * @param mask broadcasts to {@code [N, H, L, S]}: bool, true where a query attends to a key, or of the queries' type, added to the scaled
     *     products; null for none
     * @return {@code [N, H, L, D]}; 0 for a query that may attend to no key
     */
    public static Tensor scaledDotProductAttention(
            Tensor query, Tensor key, Tensor value, Tensor mask, AttentionParameters parameters) {
        return Engine.apply(
                new AttentionOp(Given.value(parameters, "scaledDotProductAttention", "parameters")),
                query,
                key,
                value,
                mask);
    }

    /**
     * Returns a row of this table for each index: a table {@code [V, D]} and indices {@code [N, T]} give {@code [N, T, D]}.
     *
     * @param indices int32 or int64 of any shape, from 0 to V − 1
     */
    public Tensor embedding(Tensor indices) {
        if (shape().rank() != 2) {
            throw new IllegalArgumentException("embedding expects a table [V, D], got " + self().describe());
        }
        return self().gather(0, Given.value(indices, "embedding", "indices"));
    }

    /**
     * Returns 1 at each index and 0 elsewhere along a new last axis, in the session's type.
     *
     * @param classes the length of that axis
     */
    public Tensor oneHot(int classes) {
        return Engine.apply(new OneHot(classes, self().session().dtype()), self());
    }

    // ---- in place, not recorded ----

    /** Adds another tensor, which broadcasts to this one's shape. */
    public Tensor addInPlace(Tensor other) {
        return updateBy(BinaryOp.ADD, "addInPlace", other);
    }

    /** Adds a number to each element. */
    public Tensor addInPlace(double value) {
        return self().update("addInPlace", UnaryOp.ADD, value);
    }

    /** Subtracts another tensor, which broadcasts to this one's shape. */
    public Tensor subInPlace(Tensor other) {
        return updateBy(BinaryOp.SUBTRACT, "subInPlace", other);
    }

    /** Multiplies by another tensor, which broadcasts to this one's shape. */
    public Tensor mulInPlace(Tensor other) {
        return updateBy(BinaryOp.MULTIPLY, "mulInPlace", other);
    }

    /** Multiplies each element by a number. */
    public Tensor mulInPlace(double value) {
        return self().update("mulInPlace", UnaryOp.MULTIPLY, value);
    }

    /** Divides by another tensor, which broadcasts to this one's shape. */
    public Tensor divInPlace(Tensor other) {
        return updateBy(BinaryOp.DIVIDE, "divInPlace", other);
    }

    /** Moves each element to the nearest number of [least, most]. */
    public Tensor clampInPlace(double least, double most) {
        if (!(least <= most)) {
            throw new IllegalArgumentException(
                    "clampInPlace expects a lower bound not above the upper one, got " + least + " and " + most);
        }
        return self().update("clampInPlace", UnaryOp.MAXIMUM, least).update(UnaryOp.MINIMUM, most);
    }

    private Tensor updateBy(BinaryOp op, String method, Tensor other) {
        Given.value(other, method, "a tensor");
        if (other.shape().equals(shape())) {
            return self().update(method, op, other);
        }
        Tensor plain = other.detach();
        try (Tensor spread = plain.expand(shape())) {
            return self().update(method, op, spread);
        } finally {
            plain.close();
        }
    }
}
