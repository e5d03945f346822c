package org.alborz.checkpoint;

import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.alborz.nn.Model;
import org.alborz.tensor.Scope;
import org.alborz.tensor.Tensor;
import org.alborz.type.DType;
import org.alborz.type.Layout;

/** The mean of the weights and states of files, added up in double on the host. */
final class WeightMean {
    private final Model model;
    private final Map<String, double[]> sums = new LinkedHashMap<>();
    private double shares;
    private int added;

    private WeightMean(Model model) {
        this.model = model;
    }

    /** Loads the mean into a model, which is as it was where a file cannot be loaded. */
    static void load(Map<Path, Double> files, Model model) {
        Map<String, Tensor> values = Weights.valuesOf(model);
        try (Scope scope = model.session().scope("mean of weights")) {
            Map<String, Tensor> before = new LinkedHashMap<>();
            values.forEach((name, value) -> before.put(name, copy(value)));
            WeightMean mean = new WeightMean(model);
            // Shares times a power of two, of which the largest is about 1: their sum is then neither infinite nor too
            // small.
            int exponent = Math.getExponent(Collections.max(files.values()));
            boolean added = false;
            try {
                files.forEach((file, share) -> mean.add(file, Math.scalb(share, -exponent)));
                added = true;
            } finally {
                if (!added) {
                    values.forEach((name, value) -> value.assign(before.get(name)));
                }
            }
            // What is no floating number, such as a count of batches, is the first file's.
            mean.sums.forEach((name, sum) -> values.get(name).assign(mean.tensor(sum, values.get(name))));
        }
    }

    private static Tensor copy(Tensor value) {
        return value.session().empty(value.dtype(), value.layout().compact()).assign(value);
    }

    private void add(Path file, double share) {
        boolean first = added++ == 0;
        shares += share;
        Map<String, Tensor> kept = new LinkedHashMap<>();
        if (!first) {
            Weights.valuesOf(model).forEach((name, value) -> {
                if (!value.dtype().isFloating()) {
                    kept.put(name, copy(value));
                }
            });
        }
        Weights.load(file, model);
        Weights.valuesOf(model).forEach((name, value) -> {
            if (value.dtype().isFloating()) {
                double[] more = value.toDoubles();
                double[] sum = sums.computeIfAbsent(name, unknown -> new double[more.length]);
                for (int i = 0; i < sum.length; i++) {
                    sum[i] += share * more[i];
                }
            } else if (!first) {
                value.assign(kept.get(name));
            }
        });
    }

    private Tensor tensor(double[] sum, Tensor like) {
        double[] mean = new double[sum.length];
        for (int i = 0; i < mean.length; i++) {
            mean[i] = sum[i] / shares;
        }
        Tensor tensor = model.session().empty(DType.FLOAT64, Layout.rowMajor(like.shape()));
        model.session().write(mean, tensor);
        return tensor;
    }
}
