package org.alborz.nn;

import java.util.Arrays;
import org.alborz.ops.Engine;
import org.alborz.ops.RowNorm;
import org.alborz.tensor.Scope;
import org.alborz.tensor.Tensor;
import org.alborz.type.DType;
import org.alborz.type.Shape;

/**
 * Group normalisation (Wu and He 2018) of {@code [N, C, …]}: the channels of each sample are divided into groups of neighbouring channels,
 * and each group is normalised by its own mean and variance, {@code (x − mean) / √(variance + ε)·weight + bias}; each channel has a weight
 * and a bias of its own. Training and evaluation
 * are the same.
 *
 * <p>Images in the order of memory that convolutions give keep that order. Weights start at 1 and biases at 0. They are float32 where the model computes in 16 bits; the result is rounded once.
 */
public final class GroupNorm implements Fresh {
    private final int groups;
    private final int channels;
    private final RowNorm operation;
    private final Parameter weight;
    private final Parameter bias;

    /** Makes a layer with weight, bias and ε 1e-5; the channels are a multiple of the groups. */
    public GroupNorm(int groups, int channels) {
        this(groups, channels, 1e-5, true);
    }

    private GroupNorm(int groups, int channels, double epsilon, boolean affine) {
        if (groups < 1 || channels < 1 || channels % groups != 0) {
            throw new IllegalArgumentException("GroupNorm expects at least 1 group and a multiple of channels, got "
                    + groups + " groups and " + channels + " channels");
        }
        this.groups = groups;
        this.channels = channels;
        this.operation = new RowNorm(true, epsilon);
        Shape shape = Shape.of(channels);
        this.weight = affine ? RowNorms.parameter(shape, 1) : null;
        this.bias = affine ? RowNorms.parameter(shape, 0) : null;
    }

    /** Returns this layer with another ε, finite and at least 0. */
    public GroupNorm epsilon(double value) {
        return new GroupNorm(groups, channels, value, weight != null);
    }

    /** Returns this layer with weight and bias, or without both. */
    public GroupNorm affine(boolean learned) {
        return new GroupNorm(groups, channels, operation.epsilon(), learned);
    }

    /**
     * Normalises.
     *
     * @param x {@code [N, C, …]}
     */
    @Override
    public Tensor forward(Tensor x, Pass pass) {
        Shape shape = x.shape();
        if (shape.rank() < 2 || shape.size(1) != channels) {
            throw new IllegalArgumentException("GroupNorm expects input [N, " + channels + ", …], got " + x.describe());
        }
        // Before the scope, as the pass uses them later as well.
        Tensor factor = weight == null ? null : pass.use(weight);
        Tensor term = bias == null ? null : pass.use(bias);
        DType wide = x.dtype().accumulator();
        try (Scope scope = x.session().scope("GroupNorm")) {
            if (isChannelsLast(x)) {
                return scope.keep(channelsLast(x.to(wide), factor, term).to(x.dtype()));
            }
            Tensor rows = x.to(wide).reshape(rows(shape));
            Tensor y = Engine.apply(operation, rows, null, null).reshape(shape);
            return scope.keep(affine(y, factor, term).to(x.dtype()));
        }
    }

    /** Tells whether reading groups one after another would copy x. Without ε only the operation has 0 for a group of equal numbers. */
    private boolean isChannelsLast(Tensor x) {
        return x.layout().isChannelsLast()
                && !x.layout().isRowMajor()
                && x.shape().elements() > 0
                && operation.epsilon() > 0;
    }

    /**
     * Normalises x as it is in memory, the channels of a place after one another: by means over the places of each channel, and of these over the channels
     * of each group. The mean is taken off twice, since the first is rounded; the second time by the term that is added.
     */
    private Tensor channelsLast(Tensor x, Tensor factor, Tensor term) {
        int[] axes = new int[x.shape().rank()]; // [N, …, C]
        int[] back = new int[axes.length];
        for (int i = 1; i < axes.length; i++) {
            axes[i] = i + 1 == axes.length ? 1 : i + 1;
            back[axes[i]] = i;
        }
        Tensor images = x.permute(axes);
        int samples = x.shape().size(0);
        Tensor places = images.reshape(samples, -1, channels);
        Tensor deviation = places.sub(ofChannels(ofGroups(places)));
        Tensor rest = ofGroups(deviation);
        Tensor variance = ofGroups(deviation.square()).sub(rest.square()).maximum(0);
        Tensor inverse = variance.add(operation.epsilon()).rsqrt();
        Tensor slope = ofChannels(inverse);
        Tensor shift = ofChannels(rest.mul(inverse).neg());
        if (factor != null) {
            Tensor wide = factor.to(x.dtype());
            slope = slope.mul(wide);
            shift = shift.mul(wide).add(term.to(x.dtype()));
        }
        return deviation.mul(slope).add(shift).reshape(images.shape()).permute(back);
    }

    /** Returns the mean of each group, [N, 1, groups, 1], of [N, places, C]. */
    private Tensor ofGroups(Tensor places) {
        int samples = places.shape().size(0);
        return places.mean(true, 1)
                .reshape(samples, 1, groups, channels / groups)
                .mean(true, 3);
    }

    /** Returns a number of each group for each of its channels, [N, 1, C]. */
    private Tensor ofChannels(Tensor ofGroups) {
        int samples = ofGroups.shape().size(0);
        return ofGroups.expand(Shape.of(samples, 1, groups, channels / groups)).reshape(samples, 1, channels);
    }

    private Tensor affine(Tensor y, Tensor factor, Tensor term) {
        if (factor == null) {
            return y;
        }
        Shape perChannel = perChannel(y.shape());
        return y.mul(factor.to(y.dtype()).reshape(perChannel))
                .add(term.to(y.dtype()).reshape(perChannel));
    }

    /** Normalises by given statistics of each channel. */
    Tensor normalize(Tensor x, Tensor mean, Tensor variance, Pass pass) {
        Tensor factor = weight == null ? null : pass.use(weight);
        Tensor term = bias == null ? null : pass.use(bias);
        DType wide = x.dtype().accumulator();
        try (Scope scope = x.session().scope("GroupNorm")) {
            Shape perChannel = perChannel(x.shape());
            Tensor deviation = variance.to(wide).add(operation.epsilon()).sqrt().reshape(perChannel);
            Tensor y = x.to(wide).sub(mean.to(wide).reshape(perChannel)).div(deviation);
            return scope.keep(affine(y, factor, term).to(x.dtype()));
        }
    }

    private Shape rows(Shape x) {
        long width = 1;
        for (int i = 2; i < x.rank(); i++) {
            width *= x.size(i);
        }
        width *= channels / groups;
        long rows = (long) x.size(0) * groups;
        if (rows > Integer.MAX_VALUE || width > Integer.MAX_VALUE) {
            throw new IllegalArgumentException(
                    "GroupNorm expects at most " + Integer.MAX_VALUE + " groups, and elements of each, got input " + x);
        }
        return Shape.of((int) rows, (int) width);
    }

    private Shape perChannel(Shape x) {
        int[] sizes = new int[x.rank() - 1];
        Arrays.fill(sizes, 1);
        sizes[0] = channels;
        return Shape.of(sizes);
    }

    @Override
    public void describe(Structure structure) {
        if (weight != null) {
            structure.parameter("weight", weight);
            structure.parameter("bias", bias);
        }
    }

    @Override
    public String toString() {
        return "GroupNorm(" + groups + ", " + channels + ", epsilon=" + operation.epsilon()
                + (weight == null ? ", affine=false" : "") + ")";
    }
}
