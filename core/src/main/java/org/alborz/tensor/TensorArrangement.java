package org.alborz.tensor;

import java.util.Arrays;
import java.util.function.IntUnaryOperator;
import java.util.stream.IntStream;
import org.alborz.ops.ArgSort;
import org.alborz.ops.Engine;
import org.alborz.ops.Narrow;
import org.alborz.ops.Scan;
import org.alborz.ops.ScatterAdd;
import org.alborz.ops.ScatterAddAlongAxis;
import org.alborz.ops.ScatterAlongAxis;
import org.alborz.ops.TakeAlongAxis;
import org.alborz.text.Given;
import org.alborz.type.DType;
import org.alborz.type.Shape;

/**
 * Functions of tensors by index and along axes: gather and scatter, sorting, cumulative sums and products, reversal, repetition and padding.
 * Gradients are those of the operations that they are composed of.
 *
 * <p>The file is long because it is a list: most methods have a few lines.
 */
abstract class TensorArrangement extends ImageFunctions {
    /** In a cosine, norms are at least this, as in PyTorch. */
    private static final double LEAST_NORM = 1e-8;

    /** Longer results are put together of their parts, without a list of indices. */
    private static final int MOST_PLACES = 1 << 24;

    private Tensor self() {
        return (Tensor) this;
    }

    // ---- by index ----

    /**
     * Returns elements at given places along an axis, {@code y[…, i, …] = x[…, indices[…, i, …], …]}, as PyTorch's {@code gather} and NumPy's
     * {@code take_along_axis}.
     *
     * @param indices int32 or int64, of this shape but for the axis, from 0 to the axis's size − 1
     * @throws IndexOutOfBoundsException if an index is outside, on CUDA at the next wait for the device
     */
    public Tensor takeAlongAxis(int axis, Tensor indices) {
        return Engine.apply(new TakeAlongAxis(axis), self(), Given.value(indices, "takeAlongAxis", "indices"));
    }

    /**
     * Returns a copy with other elements at given places along an axis, {@code y[…, indices[…, i, …], …] = values[…, i, …]}; of equal
     * indices, the last one counts.
     *
     * @param indices as for {@link #takeAlongAxis}
     * @param values of the indices' shape
     */
    public Tensor scatter(int axis, Tensor indices, Tensor values) {
        return Engine.apply(
                new ScatterAlongAxis(axis),
                self(),
                Given.value(indices, "scatter", "indices"),
                Given.value(values, "scatter", "values"));
    }

    /** Returns a copy with one number at given places along an axis, as {@link #scatter(int, Tensor, Tensor)}. */
    public Tensor scatter(int axis, Tensor indices, double value) {
        Shape shape = Given.value(indices, "scatter", "indices").shape();
        return scatter(axis, indices, self().number("scatter", value).expand(shape));
    }

    /**
     * Returns the sum with values at given places along an axis: adds {@code values[…, i, …]} to {@code y[…, indices[…, i, …], …]}, in an
     * order that depends on the indices alone.
     *
     * @param indices as for {@link #takeAlongAxis}
     * @param values of the indices' shape
     */
    public Tensor scatterAdd(int axis, Tensor indices, Tensor values) {
        int at = self().axis("scatterAdd", axis);
        Tensor sums = Engine.apply(
                new ScatterAddAlongAxis(at, shape().size(at)),
                Given.value(values, "scatterAdd", "values"),
                Given.value(indices, "scatterAdd", "indices"));
        if (!sums.shape().equals(shape())) {
            throw new IllegalArgumentException("scatterAdd along axis " + axis + " of " + self().describe()
                    + " expects values of its shape but for the axis, got " + values.describe());
        }
        return self().add(sums);
    }

    /**
     * Returns slices at given coordinates, as TensorFlow's {@code gather_nd}: of a tensor {@code [A, B, C]}, coordinates {@code [N, 2]} give
     * {@code [N, C]}, and {@code [N, 3]} give {@code [N]}.
     *
     * @param coordinates int32 or int64; along the last axis are the indices along the first axes
     * @throws IndexOutOfBoundsException if one is outside, on CUDA at the next wait for the device
     */
    public Tensor gatherNd(Tensor coordinates) {
        Tensor places = places("gatherNd", coordinates);
        int axes = coordinates.shape().size(-1);
        Shape to = places.shape();
        for (int i = axes; i < shape().rank(); i++) {
            to = to.insert(to.rank(), shape().size(i));
        }
        return joined(axes).gather(0, places).reshape(to);
    }

    /**
     * Returns the sum with slices at given coordinates, as TensorFlow's {@code tensor_scatter_nd_add}; the order of additions depends on the
     * coordinates alone.
     *
     * @param coordinates as for {@link #gatherNd}
     * @param values of the shape that {@link #gatherNd} gives
     */
    public Tensor scatterAddNd(Tensor coordinates, Tensor values) {
        Tensor places = places("scatterAddNd", coordinates);
        int axes = coordinates.shape().size(-1);
        Tensor slices = Given.value(values, "scatterAddNd", "values");
        int first = places.shape().rank();
        boolean fits = slices.shape().rank() == first + shape().rank() - axes;
        for (int i = 0; fits && i < slices.shape().rank(); i++) {
            int size = i < first ? places.shape().size(i) : shape().size(axes + i - first);
            fits = slices.shape().size(i) == size;
        }
        if (!fits) {
            throw new IllegalArgumentException("scatterAddNd expects values of the shape of coordinates "
                    + coordinates.shape() + " without their last axis, and then that of slices of " + shape() + ", got "
                    + slices.describe());
        }
        Tensor rows = joined(axes);
        Tensor sums = Engine.apply(new ScatterAdd(0, rows.shape().size(0)), slices, places);
        return self().add(sums.reshape(shape()));
    }

    /** Returns this tensor with its first axes joined to one. */
    private Tensor joined(int axes) {
        long rows = 1;
        for (int i = 0; i < axes; i++) {
            rows *= shape().size(i);
        }
        Shape to = Shape.of(self().length("gatherNd", rows));
        for (int i = axes; i < shape().rank(); i++) {
            to = to.insert(to.rank(), shape().size(i));
        }
        return self().reshape(to);
    }

    /** Returns the row-major places of coordinates along the first axes, each of which is checked by itself. */
    private Tensor places(String method, Tensor coordinates) {
        Given.value(coordinates, method, "coordinates");
        int rank = coordinates.shape().rank();
        int axes = rank == 0 ? 0 : coordinates.shape().size(-1);
        if (axes < 1 || axes > shape().rank()) {
            throw new IllegalArgumentException(method + " expects coordinates [..., 1 to " + shape().rank() + "] for "
                    + self().describe() + ", got " + coordinates.describe());
        }
        Tensor places = null;
        for (int i = 0; i < axes; i++) {
            Tensor inside = self().session().arange(shape().size(i)).gather(0, coordinates.select(rank - 1, i));
            places = places == null ? inside : places.mul(shape().size(i)).add(inside);
        }
        return places;
    }

    /**
     * Returns where elements are not 0, row by row {@code [count, rank]} as int32, in row-major order. Waits for the device, since the number
     * of rows depends on the elements.
     */
    public Tensor nonZero() {
        boolean[] found = (dtype() == DType.BOOL ? self() : self().ne(0)).toBooleans();
        int rank = shape().rank();
        int count = (int) IntStream.range(0, found.length).filter(i -> found[i]).count();
        int[] rows = new int[Math.multiplyExact(count, rank)];
        int row = 0;
        for (int i = 0; i < found.length; i++) {
            if (found[i]) {
                int rest = i;
                for (int axis = rank - 1; axis >= 0; axis--) {
                    rows[row * rank + axis] = rest % shape().size(axis);
                    rest /= shape().size(axis);
                }
                row++;
            }
        }
        return self().session().tensor(rows, Shape.of(count, rank));
    }

    /**
     * Returns the elements where a mask is true, as a vector, in row-major order. Waits for the device, since their number depends on the
     * mask.
     *
     * @param mask bool, of this shape
     */
    public Tensor maskedSelect(Tensor mask) {
        Given.value(mask, "maskedSelect", "a mask");
        if (mask.dtype() != DType.BOOL || !mask.shape().equals(shape())) {
            throw new IllegalArgumentException(
                    "maskedSelect expects a bool mask of shape " + shape() + ", got " + mask.describe());
        }
        boolean[] chosen = mask.toBooleans();
        int[] places = IntStream.range(0, chosen.length).filter(i -> chosen[i]).toArray();
        return self().reshape(-1).gather(0, self().session().tensor(places, Shape.of(places.length)));
    }

    // ---- in order ----

    /** Returns the elements in ascending order along an axis, and their indices, as {@link #sort(int, boolean)}. */
    public Sorted sort(int axis) {
        return sort(axis, false);
    }

    /**
     * Returns the elements in order along an axis, and their indices. Equal ones keep their order. NaN is larger than all numbers, as in
     * PyTorch.
     *
     * @param descending whether the largest comes first
     */
    public Sorted sort(int axis, boolean descending) {
        Tensor indices = argSort(axis, descending);
        return new Sorted(takeAlongAxis(axis, indices), indices);
    }

    /** Returns the indices, int32, of the elements in ascending order along an axis, as {@link #sort(int, boolean)}. */
    public Tensor argSort(int axis) {
        return argSort(axis, false);
    }

    /** Returns the indices, int32, of the elements in order along an axis, as {@link #sort(int, boolean)}. */
    public Tensor argSort(int axis, boolean descending) {
        return Engine.apply(new ArgSort(axis, descending, self().sizeAlong("argSort", axis)), self());
    }

    /** Returns the largest elements along the last axis, in descending order, and their indices. */
    public Sorted topK(int count) {
        return topK(count, -1, true);
    }

    /**
     * Returns the first elements of an order along an axis, and their indices: of equal ones, the first. NaN is larger than all numbers.
     *
     * @param count how many, from 0 to the axis's size
     * @param largest whether the largest ones in descending order; else the smallest ones in ascending order
     */
    public Sorted topK(int count, int axis, boolean largest) {
        if (count < 0 || count > self().sizeAlong("topK", axis)) {
            throw new IllegalArgumentException("topK expects 0 to " + self().sizeAlong("topK", axis)
                    + " elements along axis " + axis + " of " + self().describe() + ", got " + count);
        }
        Tensor indices = Engine.apply(new ArgSort(axis, largest, count), self());
        return new Sorted(takeAlongAxis(axis, indices), indices);
    }

    /** Returns the index, int32, of the largest element along an axis, the last one where several are equal. */
    public Tensor argMaxLast(int axis) {
        return flip(axis).argMax(axis).rsub(self().sizeAlong("argMaxLast", axis) - 1);
    }

    /** Returns the index, int32, of the smallest element along an axis, the last one where several are equal. */
    public Tensor argMinLast(int axis) {
        return flip(axis).argMin(axis).rsub(self().sizeAlong("argMinLast", axis) - 1);
    }

    // ---- cumulated ----

    /** Returns the sums of the elements up to each one along an axis; of integers and truth values as int64. */
    public Tensor cumSum(int axis) {
        return Engine.apply(new Scan(axis, false), ofProducts(), null);
    }

    /** Returns the products of the elements up to each one along an axis; floating numbers only. The gradient is exact at zeros as well. */
    public Tensor cumProd(int axis) {
        int at = self().axis("cumProd", axis);
        int size = shape().size(at);
        if (size < 2) {
            return self().mul(1);
        }
        Tensor first = self().narrow(at, 0, 1).pad(at, 0, size - 1);
        return Engine.apply(new Scan(at, false), first, self());
    }

    /** Returns the product of the elements along the given axes, which are left out; of all elements as a scalar without axes. */
    public Tensor prod(int... axes) {
        return prod(false, Given.value(axes, "prod", "axes").length == 0 ? self().allAxes() : axes);
    }

    /**
     * Returns the products of the elements along the given axes, in pairs, then in pairs of these, and so on; of int32 as int64. The gradient
     * is exact at zeros as well. Of no elements it is 1.
     *
     * @param keepDims whether the axes stay, with size 1
     */
    public Tensor prod(boolean keepDims, int... axes) {
        Tensor product = ofProducts();
        DType type = dtype().isFloating() ? dtype() : product.dtype();
        product = dtype().isFloating() ? product.to(dtype().accumulator()) : product;
        int[] sorted = shape().axes(axes);
        Arrays.sort(sorted);
        for (int axis : sorted) {
            product = productAlong(axis, product);
        }
        for (int i = keepDims ? -1 : sorted.length - 1; i >= 0; i--) {
            product = product.reshape(product.shape().remove(sorted[i]));
        }
        return product.to(type);
    }

    private static Tensor productAlong(int axis, Tensor of) {
        int size = of.shape().size(axis);
        if (size == 0) {
            return of.sum(true, axis).add(1);
        }
        Tensor product = of;
        Tensor odd = null;
        for (; size > 1; size /= 2) {
            if (size % 2 == 1) {
                Tensor last = product.narrow(axis, size - 1, 1);
                odd = odd == null ? last : odd.mul(last);
            }
            product = product.narrow(axis, 0, size / 2).mul(product.narrow(axis, size / 2, size / 2));
        }
        return odd == null ? product : product.mul(odd);
    }

    /** Returns these numbers in a type that sums and products have: integers and truth values as int64. */
    private Tensor ofProducts() {
        return dtype().isFloating() ? self() : self().to(DType.INT64);
    }

    // ---- turned, repeated, padded ----

    /** Returns the elements in reverse order along the given axes. */
    public Tensor flip(int... axes) {
        Tensor y = self();
        for (int axis : shape().axes(Given.value(axes, "flip", "axes"))) {
            int size = shape().size(axis);
            y = reordered(y, axis, size, i -> size - 1 - i);
        }
        return y;
    }

    /** Returns the elements along an axis moved by a number of places; elements moved beyond the end continue at the start. */
    public Tensor roll(int axis, int places) {
        int at = self().axis("roll", axis);
        int size = shape().size(at);
        int moved = size == 0 ? 0 : Math.floorMod(places, size);
        return moved == 0
                ? self().narrow(at, 0, size)
                : Tensor.concat(at, self().narrow(at, size - moved, moved), self().narrow(at, 0, size - moved));
    }

    /** Repeats the tensor along each axis, as {@link Tensor#repeat}; fewer counts than axes apply to the last axes. */
    public Tensor tile(int... times) {
        int missing = Math.max(0, shape().rank() - Given.value(times, "tile", "counts").length);
        int[] all = new int[times.length + missing];
        Arrays.fill(all, 1);
        System.arraycopy(times, 0, all, missing, times.length);
        return self().repeat(all);
    }

    /** Repeats each element along an axis: 1 and 2 repeated twice are 1, 1, 2 and 2. */
    public Tensor repeatInterleave(int axis, int times) {
        int at = self().axis("repeatInterleave", axis);
        if (times < 0) {
            throw new IllegalArgumentException("repeatInterleave expects a count of at least 0, got " + times);
        }
        int size = self().length("repeatInterleave", (long) times * shape().size(at));
        Tensor apart = self().unsqueeze(at + 1);
        return apart.expand(apart.shape().with(at + 1, times)).reshape(shape().with(at, size));
    }

    /**
     * Repeats each element along an axis by a count of its own.
     *
     * @param times a count for each element
     */
    public Tensor repeatInterleave(int axis, int... times) {
        int at = self().axis("repeatInterleave", axis);
        Given.value(times, "repeatInterleave", "counts");
        if (times.length != shape().size(at) || Arrays.stream(times).anyMatch(count -> count < 0)) {
            throw new IllegalArgumentException("repeatInterleave expects a count of at least 0 for each of "
                    + shape().size(at) + " elements along axis " + axis + ", got " + Arrays.toString(times));
        }
        long length = Arrays.stream(times).asLongStream().sum();
        if (self().length("repeatInterleave", length) > MOST_PLACES) {
            Tensor[] parts = new Tensor[times.length];
            Arrays.setAll(parts, i -> self().narrow(at, i, 1).expand(shape().with(at, times[i])));
            return Tensor.concat(at, parts);
        }
        int[] places = IntStream.range(0, times.length)
                .flatMap(i -> IntStream.range(0, times[i]).map(k -> i))
                .toArray();
        return self().gather(at, self().session().tensor(places, Shape.of(places.length)));
    }

    /** Adds a number before and after the elements along an axis. */
    public Tensor pad(int axis, int before, int after, double value) {
        int at = self().axis("pad", axis);
        requirePadding("pad", before, after, Integer.MAX_VALUE, "");
        Tensor number = self().number("pad", value);
        return Tensor.concat(
                at, number.expand(shape().with(at, before)), self(), number.expand(shape().with(at, after)));
    }

    /**
     * Adds the elements next to the first and the last one along an axis, mirrored at these: 1, 2, 3 with two before become 3, 2, 1, 2, 3.
     *
     * @param before from 0 to the axis's size − 1, as {@code after}
     */
    public Tensor padReflect(int axis, int before, int after) {
        int at = self().axis("padReflect", axis);
        int size = shape().size(at);
        requirePadding(
                "padReflect",
                before,
                after,
                Math.max(0, size - 1),
                size == 0 ? " of an empty axis" : ", the axis's size being " + size);
        return reordered(self(), at, before + size + after, i -> {
            int place = Math.abs(i - before);
            return place < size ? place : 2 * (size - 1) - place;
        });
    }

    /** Adds copies of the first element before and of the last one after the elements along an axis, which is not empty. */
    public Tensor padReplicate(int axis, int before, int after) {
        int at = self().axis("padReplicate", axis);
        int size = shape().size(at);
        requirePadding("padReplicate", before, after, size == 0 ? 0 : Integer.MAX_VALUE, " of an empty axis");
        int padded = self().length("padReplicate", (long) before + size + after);
        return reordered(self(), at, padded, i -> Math.max(0, Math.min(size - 1, i - before)));
    }

    /**
     * Adds the last elements before and the first ones after the elements along an axis, as if the axis were periodic.
     *
     * @param before from 0 to the axis's size, as {@code after}
     */
    public Tensor padCircular(int axis, int before, int after) {
        int at = self().axis("padCircular", axis);
        int size = shape().size(at);
        requirePadding("padCircular", before, after, size, ", the axis's size");
        return reordered(
                self(),
                at,
                self().length("padCircular", (long) before + size + after),
                i -> Math.floorMod(i - before, size));
    }

    private static void requirePadding(String method, int before, int after, int most, String why) {
        if (before < 0 || after < 0 || before > most || after > most) {
            throw new IllegalArgumentException(method + " expects 0 to " + most + " elements on both sides" + why
                    + ", got " + before + " and " + after);
        }
    }

    /** Returns an axis of another size whose elements are those at given places. */
    private static Tensor reordered(Tensor x, int axis, int size, IntUnaryOperator place) {
        int[] places = IntStream.range(0, size).map(place).toArray();
        return x.gather(axis, x.session().tensor(places, Shape.of(size)));
    }

    // ---- matrices ----

    /** Returns the matrices of the last two axes with 0 above the main diagonal. */
    public Tensor tril() {
        return tril(0);
    }

    /** Returns the matrices of the last two axes with 0 above a diagonal: the main one is 0, those above it are positive. */
    public Tensor tril(int diagonal) {
        return triangle("tril", diagonal, true);
    }

    /** Returns the matrices of the last two axes with 0 below the main diagonal. */
    public Tensor triu() {
        return triu(0);
    }

    /** Returns the matrices of the last two axes with 0 below a diagonal: the main one is 0, those above it are positive. */
    public Tensor triu(int diagonal) {
        return triangle("triu", diagonal, false);
    }

    private Tensor triangle(String method, int diagonal, boolean lower) {
        requireMatrices(method);
        Session session = self().session();
        // Columns behind the diagonal, without overflow for any diagonal.
        Tensor rows =
                session.arange(shape().size(-2)).to(DType.INT64).unsqueeze(1).add(diagonal);
        Tensor columns = session.arange(shape().size(-1)).to(DType.INT64);
        Tensor kept = lower ? columns.le(rows) : columns.ge(rows);
        return self().maskedFill(kept.not(), 0);
    }

    private void requireMatrices(String method) {
        if (shape().rank() < 2) {
            throw new IllegalArgumentException(method + " expects at least two axes, got " + self().describe());
        }
    }

    /** Returns the main diagonals of the matrices of the last two axes, along the last axis of the result. */
    public Tensor diagonal() {
        return diagonal(0, -2, -1);
    }

    /**
     * Returns the diagonals of the matrices of two axes, which are left out, along a new last axis.
     *
     * @param offset which diagonal: the main one is 0, those above it are positive; where there is none the result is empty
     */
    public Tensor diagonal(int offset, int axis1, int axis2) {
        requireMatrices("diagonal");
        int first = self().axis("diagonal", axis1);
        int second = self().axis("diagonal", axis2);
        if (first == second) {
            throw new IllegalArgumentException(
                    "diagonal expects two different axes, got " + axis1 + " and " + axis2 + " of " + self().describe());
        }
        int rows = shape().size(first);
        int columns = shape().size(second);
        long row = Math.max(0, -(long) offset);
        long column = Math.max(0, (long) offset);
        int count = (int) Math.max(0, Math.min(rows - row, columns - column));
        int rank = shape().rank();
        int[] order = IntStream.concat(
                        IntStream.range(0, rank).filter(i -> i != first && i != second), IntStream.of(first, second))
                .toArray();
        Shape flat = shape().remove(Math.max(first, second)).remove(Math.min(first, second));
        flat = flat.insert(rank - 2, self().length("diagonal", (long) rows * columns));
        int start = count == 0 ? 0 : (int) (row * columns + column);
        return Engine.apply(
                new Narrow(rank - 2, start, count, count == 0 ? 1 : columns + 1),
                self().permute(order).reshape(flat));
    }

    /**
     * Returns the cosine of the angles between this and another tensor's vectors along an axis, which is left out: Σ x·y / (‖x‖·‖y‖), each
     * norm being at least 1e-8. Both broadcast.
     */
    public Tensor cosineSimilarity(Tensor other, int axis) {
        Given.value(other, "cosineSimilarity", "a tensor");
        Shape to = Shape.broadcast(shape(), other.shape());
        Tensor x = self().expand(to);
        Tensor y = other.expand(to);
        Tensor norms =
                x.norm(false, axis).maximum(LEAST_NORM).mul(y.norm(false, axis).maximum(LEAST_NORM));
        return x.mul(y).sum(false, axis).div(norms);
    }

    /**
     * Returns a sum of products that is written with a letter for each axis, as PyTorch's and NumPy's {@code einsum}: {@code "bij,bjk->bik"}
     * is a product of matrices. A letter that the result lacks is summed over; a letter that comes twice in one term is its diagonal;
     * {@code ...} stands for any axes. Without an arrow, the result has the letters that come once, in alphabetical order. Axes of size 1
     * broadcast.
     *
     * @param terms floating, of one type
     * @throws IllegalArgumentException if the letters do not fit the terms
     */
    public static Tensor einsum(String equation, Tensor... terms) {
        return new Einsum(equation, terms).compute();
    }
}
