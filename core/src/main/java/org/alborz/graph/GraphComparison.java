package org.alborz.graph;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.alborz.tensor.Scope;
import org.alborz.tensor.Session;
import org.alborz.tensor.Tensor;

/** How the results of a graph's operations differ between two sessions, each operation having had the same inputs in both. */
public record GraphComparison(List<Difference> differences) {
    /**
     * How the results of one operation differ.
     *
     * @param number of the step in {@link Graph#steps}
     * @param relative the largest difference of two elements, divided by the largest magnitude among the reference's finite elements of that
     *     result; 0 where all are equal, infinite where one is NaN or infinite and the other is not so
     */
    public record Difference(int number, Step step, double relative) {
        @Override
        public String toString() {
            return String.format(Locale.ROOT, "%.2e in step %d, %s", relative, number, step.op());
        }
    }

    static GraphComparison of(Graph graph, Session reference, Session other) {
        List<Difference> differences = new ArrayList<>();
        try (Scope scope = reference.scope("compare");
                Scope elsewhere = other.scope("compare")) {
            Replay expected = new Replay(graph, reference);
            Replay actual = new Replay(graph, other);
            for (int i = 0; i < graph.steps().size(); i++) {
                Step step = graph.steps().get(i);
                try (Scope each = reference.scope("step");
                        Scope same = other.scope("step")) {
                    alike(step, expected, actual);
                    List<Tensor> wanted = expected.run(step);
                    List<Tensor> got = actual.run(step);
                    if (step.effect() != Step.Effect.VIEWS) {
                        differences.add(new Difference(i, step, largest(wanted, got)));
                    }
                }
                expected.release(i);
                actual.release(i);
            }
        }
        return new GraphComparison(List.copyOf(differences));
    }

    /** Gives an operation the reference's inputs. */
    private static void alike(Step step, Replay expected, Replay actual) {
        for (Value input : step.inputs()) {
            if (input != null && !repeats(input)) {
                Tensor target = actual.tensor(input);
                target.assignRowMajor(Contents.of(expected.tensor(input)));
            }
        }
    }

    /** Tells whether elements share memory; they were made equal when that was written. */
    private static boolean repeats(Value value) {
        for (int i = 0; i < value.shape().rank(); i++) {
            if (value.spec().layout().stride(i) == 0 && value.shape().size(i) > 1) {
                return true;
            }
        }
        return false;
    }

    private static double largest(List<Tensor> expected, List<Tensor> actual) {
        double largest = 0;
        for (int i = 0; i < expected.size(); i++) {
            largest = Math.max(largest, relative(values(expected.get(i)), values(actual.get(i))));
        }
        return largest;
    }

    private static double[] values(Tensor tensor) {
        return tensor.toDoubles();
    }

    private static double relative(double[] expected, double[] actual) {
        double scale = 0;
        double difference = 0;
        for (int i = 0; i < expected.length; i++) {
            boolean same = Double.compare(expected[i], actual[i]) == 0 || expected[i] == actual[i];
            double apart = same ? 0 : Math.abs(expected[i] - actual[i]);
            difference = Math.max(difference, Double.isNaN(apart) ? Double.POSITIVE_INFINITY : apart);
            scale = Double.isFinite(expected[i]) ? Math.max(scale, Math.abs(expected[i])) : scale;
        }
        return difference == 0 ? 0 : scale == 0 ? Double.POSITIVE_INFINITY : difference / scale;
    }

    /** Returns the first operation whose results differ by more than that, if any. */
    public Optional<Difference> first(double tolerance) {
        return differences.stream().filter(each -> each.relative() > tolerance).findFirst();
    }

    /** Returns the operation whose results differ most, if there is one. */
    public Optional<Difference> worst() {
        return differences.stream().max(Comparator.comparingDouble(Difference::relative));
    }
}
