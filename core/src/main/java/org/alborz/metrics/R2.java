package org.alborz.metrics;

import java.util.List;
import org.alborz.backend.UnaryOp;
import org.alborz.nn.BatchTensors;
import org.alborz.nn.Targets;
import org.alborz.tensor.Tensor;
import org.alborz.type.DType;
import org.alborz.type.Shape;

/**
 * The coefficient of determination, 1 − Σ(y − ŷ)² / Σ(y − ȳ)², over all numbers of all samples; 1 is perfect, 0 as good as the mean. Where
 * all targets are equal it is 1 for perfect outputs and else 0, as in scikit-learn.
 */
public record R2(MetricInputs inputs) implements Metric {
    private static final Shape SCALAR = Shape.scalar();

    /** Compares the model's output with its target. */
    public R2() {
        this(MetricInputs.STANDARD);
    }

    @Override
    public String name() {
        return inputs.named("r2");
    }

    /** Returns count, mean and squared distances from the mean of the targets, and the squared errors. */
    @Override
    public List<Shape> sums() {
        return List.of(SCALAR, SCALAR, SCALAR, SCALAR);
    }

    /** Adds the squared distances by the formula of Chan et al. (1983), which needs no large sums that nearly cancel. */
    @Override
    public void update(BatchTensors batch, List<Tensor> sums) {
        Tensor output = inputs.output(batch);
        DType type = output.dtype().accumulator();
        Tensor target = Targets.inShapeOf(name(), output, inputs.target(batch)).to(type);
        Tensor count = sums.get(0);
        Tensor mean = sums.get(1);
        double added = target.shape().elements();
        Tensor own = target.mean();
        Tensor delta = own.to(mean.dtype()).sub(mean);
        Tensor share = count.session().full(added, SCALAR, count.dtype()).div(count.add(added));
        Tensor between = delta.square().mul(count).mul(share);
        Metric.add(sums.get(2), target.sub(own).square().sum());
        Metric.add(sums.get(2), between);
        Metric.add(sums.get(3), output.to(type).sub(target).square().sum());
        Metric.add(mean, delta.mul(share));
        count.update(UnaryOp.ADD, added);
    }

    /** Combines the means and distances as {@link #update} does. */
    @Override
    public void merge(double[][] sums, double[][] other) {
        double added = other[0][0];
        if (added == 0) {
            return;
        }
        double count = sums[0][0];
        double delta = other[1][0] - sums[1][0];
        double share = added / (count + added);
        sums[0][0] += added;
        sums[1][0] += delta * share;
        sums[2][0] += other[2][0];
        sums[2][0] += delta * delta * count * share;
        sums[3][0] += other[3][0];
    }

    @Override
    public double value(double[][] sums, long samples) {
        double distances = sums[2][0];
        double errors = sums[3][0];
        if (distances == 0) {
            return errors == 0 ? 1 : 0;
        }
        return 1 - errors / distances;
    }
}
