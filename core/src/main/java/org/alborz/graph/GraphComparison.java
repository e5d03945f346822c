package org.alborz.graph;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.alborz.tensor.Scope;
import org.alborz.tensor.Session;
import org.alborz.tensor.Tensor;
import org.alborz.type.Shape;

/** How the results of a graph's operations differ between two sessions, or between two graphs of the same operations. */
public record GraphComparison(List<Difference> differences) {
    /**
     * How the results of one operation differ.
     *
     * @param number of the step in {@link Graph#steps}
     * @param relative the largest difference of two elements, divided by the largest magnitude among the reference's finite elements of that
     *     result; 0 where all are equal, infinite where one is NaN or infinite and the other is not so
     * @param worst the element that differs most; null where all are equal
     * @param nan the first element that is NaN in one of both or in both; null where none is
     */
    public record Difference(int number, Step step, double relative, Element worst, Element nan) {
        @Override
        public String toString() {
            String where = String.format(Locale.ROOT, "%.2e in step %d, %s", relative, number, step.op());
            String layer = step.layer() == null
                    ? ""
                    : " of " + (step.layer().isEmpty() ? "the net itself" : "layer " + step.layer());
            return where + layer + (step.backward() ? ", backward" : "") + (worst == null ? "" : ": " + worst);
        }
    }

    /**
     * An element of a result in both.
     *
     * @param result the number of the result, from 0
     * @param position an index for each axis
     */
    public record Element(int result, List<Integer> position, double expected, double actual) {
        @Override
        public String toString() {
            return "element " + position + (result == 0 ? "" : " of result " + result) + " is " + actual + ", expected "
                    + expected;
        }
    }

    /** Gives each operation on the other session the reference's inputs. */
    static GraphComparison of(Graph graph, Session reference, Session other) {
        return of(graph, reference, graph, other, true);
    }

    /** Compares two graphs of the same operations, each of which continues with its own results. */
    static GraphComparison of(Graph graph, Session reference, Graph other, Session session) {
        requireSameSteps(graph, other);
        return of(graph, reference, other, session, false);
    }

    private static void requireSameSteps(Graph graph, Graph other) {
        int count = Math.min(graph.steps().size(), other.steps().size());
        for (int i = 0; i < count; i++) {
            Step a = graph.steps().get(i);
            Step b = other.steps().get(i);
            if (!a.op().equals(b.op()) || !specs(a).equals(specs(b))) {
                throw new IllegalArgumentException("compare expects graphs of the same operations, got in step " + i
                        + " " + a.op() + " " + specs(a) + " and " + b.op() + " " + specs(b)
                        + "; trace the same net with inputs of the same shape");
            }
        }
        if (graph.steps().size() != other.steps().size()) {
            throw new IllegalArgumentException("compare expects graphs of the same operations, got "
                    + graph.steps().size() + " and " + other.steps().size()
                    + " of them; trace the same net with inputs of the same shape");
        }
    }

    private static List<String> specs(Step step) {
        return step.results().stream().map(result -> result.spec().toString()).toList();
    }

    private static GraphComparison of(
            Graph graph, Session reference, Graph otherGraph, Session other, boolean isSameInput) {
        List<Difference> differences = new ArrayList<>();
        try (Scope scope = reference.scope("compare");
                Scope elsewhere = other.scope("compare")) {
            Replay expected = new Replay(graph, reference);
            Replay actual = new Replay(otherGraph, other);
            for (int i = 0; i < graph.steps().size(); i++) {
                Step step = graph.steps().get(i);
                Step otherStep = otherGraph.steps().get(i);
                try (Scope each = reference.scope("step");
                        Scope same = other.scope("step")) {
                    if (isSameInput) {
                        alike(step, expected, actual);
                    }
                    List<Tensor> wanted = expected.run(step);
                    List<Tensor> got = actual.run(otherStep);
                    if (step.effect() != Step.Effect.VIEWS) {
                        differences.add(difference(i, step, wanted, got));
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

    private static Difference difference(int number, Step step, List<Tensor> expected, List<Tensor> actual) {
        Difference largest = new Difference(number, step, 0, null, null);
        for (int i = 0; i < expected.size(); i++) {
            Difference next = difference(
                    number,
                    step,
                    i,
                    expected.get(i).shape(),
                    expected.get(i).toDoubles(),
                    actual.get(i).toDoubles());
            Element nan = largest.nan() == null ? next.nan() : largest.nan();
            Difference larger = next.relative() > largest.relative() ? next : largest;
            largest = new Difference(number, step, larger.relative(), larger.worst(), nan);
        }
        return largest;
    }

    private static Difference difference(
            int number, Step step, int result, Shape shape, double[] expected, double[] actual) {
        double scale = 0;
        double difference = 0;
        int worst = -1;
        int nan = -1;
        for (int i = 0; i < expected.length; i++) {
            boolean same = Double.compare(expected[i], actual[i]) == 0 || expected[i] == actual[i];
            double apart = same ? 0 : Math.abs(expected[i] - actual[i]);
            apart = Double.isNaN(apart) ? Double.POSITIVE_INFINITY : apart;
            if (apart > difference) {
                difference = apart;
                worst = i;
            }
            nan = nan < 0 && (Double.isNaN(expected[i]) || Double.isNaN(actual[i])) ? i : nan;
            scale = Double.isFinite(expected[i]) ? Math.max(scale, Math.abs(expected[i])) : scale;
        }
        double relative = difference == 0 ? 0 : scale == 0 ? Double.POSITIVE_INFINITY : difference / scale;
        return new Difference(
                number,
                step,
                relative,
                element(result, shape, worst, expected, actual),
                element(result, shape, nan, expected, actual));
    }

    private static Element element(int result, Shape shape, int index, double[] expected, double[] actual) {
        return index < 0 ? null : new Element(result, shape.position(index), expected[index], actual[index]);
    }

    /** Returns the first operation whose results differ by more than that, if any. */
    public Optional<Difference> first(double tolerance) {
        return differences.stream().filter(each -> each.relative() > tolerance).findFirst();
    }

    /** Returns the first operation with a NaN among the results of one of both or of both, if any. */
    public Optional<Difference> firstNaN() {
        return differences.stream().filter(each -> each.nan() != null).findFirst();
    }

    /** Returns the operation whose results differ most, if there is one. */
    public Optional<Difference> worst() {
        return differences.stream().max(Comparator.comparingDouble(Difference::relative));
    }
}
