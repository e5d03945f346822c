package org.alborz.cpu.scalar;

import org.alborz.backend.Ctc;
import org.alborz.backend.Operand;
import org.alborz.cpu.memory.CpuBuffer;
import org.alborz.cpu.memory.Int32Buffer;

/**
 * Connectionist temporal classification of one sequence after the other, in float64, by one thread. The states of a sequence are its labels with
 * blanks around them; α[t][s] is the log-probability of all ways that are in state s after output t, β that of all ways from there to the end.
 */
public final class CtcSequences {
    /** What adds less than half of a last bit to 1. */
    private static final double NOTHING = -40;

    private final RowBuffer alphas = new RowBuffer();
    private final RowBuffer betas = new RowBuffer();
    private final RowBuffer rows = new RowBuffer();
    private final RowBuffer slopes = new RowBuffer();

    /**
     * The inputs' memory, fetched by the thread that owns the session, and the result's: losses, or the gradients of log-probabilities.
     *
     * @param slopes the gradients of the losses; null forward
     */
    public record Problem(
            int blank,
            int times,
            int classes,
            int most,
            int[] labels,
            int[] inputLengths,
            int[] labelLengths,
            int labelsAt,
            int inputLengthsAt,
            int labelLengthsAt,
            CpuBuffer logs,
            int logsAt,
            CpuBuffer slopes,
            int slopesAt,
            CpuBuffer result,
            int resultAt) {
        /** Refuses labels that are no classes and lengths that are outside of their tensors, before anything is computed. */
        public static Problem of(Ctc.Inputs in, Operand slopes, Operand result) {
            Problem problem = new Problem(
                    in.blank(),
                    in.times(),
                    in.classes(),
                    in.mostLabels(),
                    ints(in.labels()),
                    ints(in.inputLengths()),
                    ints(in.labelLengths()),
                    start(in.labels()),
                    start(in.inputLengths()),
                    start(in.labelLengths()),
                    CpuBuffer.of(in.logs()),
                    start(in.logs()),
                    slopes == null ? null : CpuBuffer.of(slopes),
                    slopes == null ? 0 : start(slopes),
                    CpuBuffer.of(result),
                    start(result));
            for (int n = 0; n < in.samples(); n++) {
                problem.check(n);
            }
            return problem;
        }

        private void check(int n) {
            require("lengths of outputs", inputLengths[inputLengthsAt + n], times + 1, n);
            int count = labelLengths[labelLengthsAt + n];
            require("lengths of labels", count, most + 1, n);
            for (int i = 0; i < count; i++) {
                require("labels", labels[labelsAt + n * most + i], classes, n);
            }
        }

        private static void require(String what, int index, int size, int sample) {
            if (index < 0 || index >= size) {
                throw new IndexOutOfBoundsException(
                        "ctc expects " + what + " from 0 to " + (size - 1) + ", got " + index + " in sample " + sample);
            }
        }

        private static int[] ints(Operand operand) {
            return ((Int32Buffer) CpuBuffer.of(operand)).array();
        }

        private static int start(Operand operand) {
            return (int) operand.layout().offset();
        }
    }

    /** One sequence of a problem. */
    private record Sequence(Problem p, int number, int length, int count) {
        static Sequence of(Problem p, int n) {
            return new Sequence(p, n, p.inputLengths[p.inputLengthsAt + n], p.labelLengths[p.labelLengthsAt + n]);
        }

        int states() {
            return 2 * count + 1;
        }

        /** Returns the class of a state. */
        int label(int state) {
            return state % 2 == 0 ? p.blank : p.labels[p.labelsAt + number * p.most + state / 2];
        }

        /** Tells whether a state can follow the one two before it. */
        boolean skips(int state) {
            return state >= 2 && state % 2 == 1 && label(state) != p.blank && label(state) != label(state - 2);
        }

        /** Returns where the outputs of a time begin, of all sequences. */
        int at(int time) {
            return (number * p.times + time) * p.classes;
        }

        void read(int time, double[] row) {
            p.logs.read(p.logsAt + at(time), 1, p.classes, row, 0);
        }
    }

    /** Computes a sequence's loss. */
    public void forward(Problem p, int n) {
        Sequence s = Sequence.of(p, n);
        int states = s.states();
        double[] alpha = alphas.of(2L * states);
        double[] row = rows.of(p.classes);
        int at = 0;
        for (int t = 0; t < s.length; t++) {
            s.read(t, row);
            alpha(s, row, alpha, t == 0 ? -1 : at, states - at);
            at = states - at;
        }
        p.result.set(p.resultAt + n, -total(s, alpha, at));
    }

    /** Computes the α of a time, which begin at {@code to}, from those before it, which begin at {@code from}, or −1 at the first time. */
    private static void alpha(Sequence s, double[] row, double[] alpha, int from, int to) {
        for (int i = 0; i < s.states(); i++) {
            double sum;
            if (from < 0) {
                sum = i < 2 ? 0 : Double.NEGATIVE_INFINITY;
            } else {
                sum = logSum(
                        alpha[from + i],
                        i > 0 ? alpha[from + i - 1] : Double.NEGATIVE_INFINITY,
                        s.skips(i) ? alpha[from + i - 2] : Double.NEGATIVE_INFINITY);
            }
            alpha[to + i] = sum + row[s.label(i)];
        }
    }

    /** Returns the log-probability of the labels: of the ways that end in one of the last two states. */
    private static double total(Sequence s, double[] alpha, int at) {
        if (s.length == 0) {
            return s.count == 0 ? 0 : Double.NEGATIVE_INFINITY;
        }
        int last = at + s.states() - 1;
        double label = s.count == 0 ? Double.NEGATIVE_INFINITY : alpha[last - 1];
        return logSum(alpha[last], label, Double.NEGATIVE_INFINITY);
    }

    /** Computes the gradient of all log-probabilities of a sequence. */
    public void backward(Problem p, int n) {
        Sequence s = Sequence.of(p, n);
        int states = s.states();
        int classes = p.classes;
        double[] alpha = alphas.of((long) states * Math.max(1, s.length));
        double[] row = rows.of(classes);
        for (int t = 0; t < s.length; t++) {
            s.read(t, row);
            alpha(s, row, alpha, t == 0 ? -1 : (t - 1) * states, t * states);
        }
        double total = total(s, alpha, Math.max(0, s.length - 1) * states);
        double slope = p.slopes.get(p.slopesAt + n);
        boolean counts = total != Double.NEGATIVE_INFINITY;
        int end = counts ? s.length : 0;
        p.result.fill(p.resultAt + s.at(end), p.resultAt + s.at(p.times), 0);
        double[] beta = betas.filled(2L * states, Double.NEGATIVE_INFINITY);
        beta[states - 1] = 0;
        if (states > 1) {
            beta[states - 2] = 0;
        }
        for (int t = end - 1; t >= 0; t--) {
            double[] gradient = slopes.filled(classes, 0);
            s.read(t, row);
            for (int i = 0; i < states; i++) {
                double share = Math.exp(alpha[t * states + i] + beta[i] - total);
                gradient[s.label(i)] -= share * slope;
                beta[states + i] = beta[i] + row[s.label(i)];
            }
            p.result.write(p.resultAt + s.at(t), 1, classes, gradient, 0);
            for (int i = 0; i < states; i++) {
                beta[i] = logSum(
                        beta[states + i],
                        i + 1 < states ? beta[states + i + 1] : Double.NEGATIVE_INFINITY,
                        i + 2 < states && s.skips(i + 2) ? beta[states + i + 2] : Double.NEGATIVE_INFINITY);
            }
        }
    }

    /** Returns the logarithm of the sum of three exponentials, NaN if one is. */
    private static double logSum(double a, double b, double c) {
        double largest = Math.max(Math.max(a, b), c);
        if (largest == Double.NEGATIVE_INFINITY) {
            return largest;
        }
        double sum = share(a - largest) + share(b - largest) + share(c - largest);
        return sum == 1 ? largest : largest + Math.log(sum);
    }

    private static double share(double difference) {
        return difference == 0 ? 1 : difference < NOTHING ? 0 : Math.exp(difference);
    }
}
