package org.alborz.train;

import java.util.List;
import java.util.function.IntConsumer;
import org.alborz.data.DataLoader;
import org.alborz.metrics.Metric;
import org.alborz.metrics.MetricSums;
import org.alborz.nn.BatchTensors;
import org.alborz.nn.Model;
import org.alborz.nn.Pass;
import org.alborz.tensor.Scope;
import org.alborz.tensor.Session;
import org.alborz.tensor.Tensor;
import org.alborz.type.DType;
import org.alborz.type.Layout;
import org.alborz.type.Shape;

/** Runs an objective in evaluation mode over the batches of a loader; waits for the device only at the end. */
final class Evaluator {
    private final Model model;
    private final Objective objective;
    private final List<Metric> metrics;

    /** Null for all batches. */
    private final DataParallel ranks;

    Evaluator(Model model, Objective objective, List<Metric> metrics) {
        this(model, objective, metrics, null);
    }

    /** @param ranks that share the batches, all of which evaluate; null for this one alone */
    Evaluator(Model model, Objective objective, List<Metric> metrics, DataParallel ranks) {
        this.ranks = ranks;
        this.model = model;
        this.objective = objective;
        this.metrics = metrics;
    }

    Evaluation run(DataLoader loader, IntConsumer progress) {
        return run(PlacedData.onHost(loader), progress);
    }

    Evaluation run(PlacedData data, IntConsumer progress) {
        Session session = model.session();
        int number = data.loader().batchesPerEpoch();
        long samples = 0;
        try (Scope scope = session.scope("evaluation");
                MetricSums sums = new MetricSums(model, metrics);
                PlacedData.Batches batches = ranks == null
                        ? data.epoch(0, 0, 1)
                        : data.epoch(0, Math.min(ranks.rank(), number), ranks.size())) {
            Shape perBatch = Shape.of(number);
            // The means of the batches and what they count; added up on the host, in double.
            Tensor losses =
                    session.empty(type(session), Layout.rowMajor(perBatch)).fill(0);
            Tensor weights =
                    session.empty(type(session), Layout.rowMajor(perBatch)).fill(0);
            for (InputBatch batch = batches.next(); batch != null; batch = batches.next()) {
                if (batch instanceof InputBatch.OfHost host) {
                    TargetCheck.require(objective, host.batch());
                }
                try (Scope step = session.scope("batch")) {
                    BatchTensors tensors = batch.tensors(session);
                    Tensor loss = Losses.of(objective, tensors, Pass.evaluation());
                    put(losses, batch.index(), loss);
                    if (tensors.has(BatchTensors.WEIGHT)) {
                        put(weights, batch.index(), tensors.get(BatchTensors.WEIGHT));
                    } else {
                        weights.narrow(0, batch.index(), 1).fill(batch.size());
                    }
                    sums.update(tensors);
                }
                samples += batch.size();
                progress.accept(batches.nextBatch());
            }
            double[] means = losses.toDoubles();
            double[] counts = weights.toDoubles();
            if (ranks != null) {
                double[] all = {samples};
                ranks.addUp(means);
                ranks.addUp(counts);
                ranks.addUp(all);
                ranks.merge(sums);
                samples = (long) all[0];
            }
            return new Evaluation(mean(means, counts), sums.values(samples), sums.confusion(), samples);
        }
    }

    private static DType type(Session session) {
        return session.dtype() == DType.FLOAT64 ? DType.FLOAT64 : DType.FLOAT32;
    }

    private static void put(Tensor all, int index, Tensor value) {
        if (value.shape().elements() != 1) {
            throw new IllegalArgumentException(
                    "An objective's loss and weight have one element, got " + value.describe());
        }
        all.narrow(0, index, 1).assign(value.reshape(1));
    }

    private static double mean(double[] losses, double[] weights) {
        double sum = 0;
        double weight = 0;
        for (int i = 0; i < losses.length; i++) {
            sum += weights[i] == 0 ? 0 : losses[i] * weights[i]; // the mean of no terms is NaN
            weight += weights[i];
        }
        return sum / weight;
    }
}
