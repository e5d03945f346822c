package org.alborz.inspect;

import java.nio.DoubleBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import org.alborz.nn.Model;
import org.alborz.nn.Pass;
import org.alborz.random.RandomStream;
import org.alborz.tensor.Session;
import org.alborz.tensor.Tensor;
import org.alborz.text.Given;
import org.alborz.type.DType;

/**
 * Compares gradients with central differences, {@code (f(x + h) − f(x − h)) / 2h}, element by element: for layers, losses and operations of
 * one's own. It computes in float64, where such a difference is right to about nine digits.
 *
 * <pre>{@code
 * GradientCheckReport report = GradientCheck.of(model, pass -> loss.of(model.forward(x, pass), y)).run();
 * report.require(1e-6);
 * }</pre>
 *
 * <p>Where both do not agree, the step is made smaller, and one-sided differences tell whether the function has a kink there, such as a
 * rectifier at 0, where no derivative exists: kinks are counted and do not fail.
 */
public final class GradientCheck {
    private static final double USUAL_STEP = 1e-5;
    private static final int USUAL_ELEMENTS = 50;

    /** Where analytic and numeric agree so well no kink is looked for. */
    private static final double AGREES = 1e-6;

    private static final double SMALLER = 0.1;
    private static final int TRIES = 3;

    /** What belongs to rounding: so many times the last digit of the function's value, divided by the step. */
    private static final double ROUNDING = 64 * Math.ulp(1.0);

    /** Elements of less than this part of a tensor's largest gradient are compared with that part. */
    private static final double SMALL = 1e-3;

    private final CheckedFunction function;
    private double step = USUAL_STEP;
    private int elements = USUAL_ELEMENTS;
    private long seed = 1;
    private boolean training = true;

    /** What a function makes of a tensor moved in one element. */
    private record Difference(double numeric, boolean kink) {}

    private GradientCheck(CheckedFunction function) {
        this.function = function;
    }

    /**
     * Checks the gradients of a model's learned parameters that are not frozen.
     *
     * @param loss computes a loss with one element in the pass that it gets, the same each time; parameters that it does not use have the
     *     gradient 0
     * @throws IllegalArgumentException if the model's session is not of float64
     */
    public static GradientCheck of(Model model, Function<Pass, Tensor> loss) {
        Given.value(model, "GradientCheck", "a model");
        Given.value(loss, "GradientCheck", "a loss");
        requireFloat64(model.session());
        return new GradientCheck(new CheckedModel(model, loss));
    }

    /**
     * Checks the gradients of a function of tensors.
     *
     * @param function gives any floating tensor, whose sum is differentiated; composed of operations of the session
     * @param inputs float64 tensors, which get their values back
     */
    public static GradientCheck of(Function<Tensor[], Tensor> function, Tensor... inputs) {
        Given.value(function, "GradientCheck", "a function");
        if (inputs.length == 0) {
            throw new IllegalArgumentException("GradientCheck expects at least one input, got none");
        }
        for (Tensor input : inputs) {
            Given.value(input, "GradientCheck", "an input");
            if (input.dtype() != DType.FLOAT64) {
                throw new IllegalArgumentException("GradientCheck expects inputs of float64, got " + input.describe()
                        + "; convert it with to(DType.FLOAT64)");
            }
        }
        return new GradientCheck(new CheckedTensors(function, List.of(inputs)));
    }

    private static void requireFloat64(Session session) {
        if (session.dtype() != DType.FLOAT64) {
            throw new IllegalArgumentException("GradientCheck expects a model in a session of float64, got one of "
                    + session.dtype() + "; open it with Session.builder(backend).dtype(DType.FLOAT64).open()");
        }
    }

    /** Sets h; 1e-5 unless given. */
    public GradientCheck step(double h) {
        step = Given.above0(h, "GradientCheck's step");
        return this;
    }

    /** Sets how many elements of each tensor are checked, drawn at random where it has more; 50 unless given. */
    public GradientCheck elements(int most) {
        if (most < 1) {
            throw new IllegalArgumentException("GradientCheck expects at least 1 element, got " + most);
        }
        elements = most;
        return this;
    }

    /** Sets what elements, and dropout, are drawn by; 1 unless given. */
    public GradientCheck seed(long number) {
        seed = number;
        return this;
    }

    /** Computes the model in evaluation passes; in training passes unless called, after which states are what they were. */
    public GradientCheck evaluation() {
        training = false;
        return this;
    }

    /**
     * Computes the gradients and the differences.
     *
     * @throws IllegalArgumentException if the function gives other values for the same inputs, or none that is finite
     */
    public GradientCheckReport run() {
        try (CheckedFunction.Restored restored = function.keepStates()) {
            return checked();
        }
    }

    private double value() {
        return function.value(training, seed);
    }

    private GradientCheckReport checked() {
        double first = value();
        double again = value();
        if (first != again) {
            throw new IllegalArgumentException(
                    "GradientCheck expects a function that gives the same value each time, got " + first + " and "
                            + again + "; draw random numbers by pass.nextRandom()");
        }
        double[][] analytic = function.gradients(training, seed);
        List<GradientCheckReport.Row> rows = new ArrayList<>();
        for (int i = 0; i < function.names().size(); i++) {
            rows.add(row(i, analytic[i], first));
        }
        return new GradientCheckReport(rows);
    }

    private GradientCheckReport.Row row(int number, double[] analytic, double at) {
        Tensor tensor = function.tensors().get(number);
        double[] values = tensor.toDoubles();
        double largest = Arrays.stream(analytic).map(Math::abs).max().orElse(0);
        GradientCheckReport.Element worst = null;
        GradientCheckReport.Element kink = null;
        int kinks = 0;
        int[] chosen = chosen(values.length, number);
        try {
            for (int index : chosen) {
                Difference difference = difference(tensor, values, index, analytic[index], largest, at);
                GradientCheckReport.Element element = new GradientCheckReport.Element(
                        tensor.shape().position(index),
                        analytic[index],
                        difference.numeric(),
                        error(analytic[index], difference.numeric(), largest, at, step));
                if (difference.kink()) {
                    kinks++;
                    kink = kink == null ? element : kink;
                } else if (worst == null || !(element.error() <= worst.error())) {
                    worst = element;
                }
            }
        } finally {
            write(tensor, values);
        }
        return new GradientCheckReport.Row(
                function.names().get(number), tensor.shape(), chosen.length, worst, kinks, kink);
    }

    /** Makes the step smaller until both agree, or it is known that there is a kink. */
    private Difference difference(
            Tensor tensor, double[] values, int index, double analytic, double largest, double at) {
        double h = step;
        double numeric = Double.NaN;
        boolean kink = false;
        for (int i = 0; i < TRIES; i++) {
            double ahead = moved(tensor, values, index, h);
            double behind = moved(tensor, values, index, -h);
            double next = (ahead - behind) / (2 * h);
            double right = (ahead - at) / h;
            double left = (at - behind) / h;
            boolean better = i == 0 || error(analytic, next, largest, at, h) < error(analytic, numeric, largest, at, h);
            numeric = better ? next : numeric;
            if (error(analytic, next, largest, at, h) <= AGREES) {
                return new Difference(next, false);
            }
            // Of a smooth function both sides come nearer to each other as the step does; at a kink they stay apart.
            double apart = error(right, left, largest, at, h);
            boolean between = Math.min(left, right) <= analytic && analytic <= Math.max(left, right);
            kink = apart > Math.sqrt(SMALL) && between;
            h *= SMALLER;
        }
        return new Difference(numeric, kink);
    }

    private double moved(Tensor tensor, double[] values, int index, double distance) {
        double before = values[index];
        values[index] = before + distance;
        try {
            write(tensor, values);
            return value();
        } finally {
            values[index] = before;
        }
    }

    private static void write(Tensor tensor, double[] values) {
        tensor.assignRowMajor(DoubleBuffer.wrap(values));
    }

    /** Returns the difference beyond rounding, relative to the larger of both and to the tensor's other gradients. */
    private static double error(double a, double b, double largest, double at, double h) {
        double apart = Math.abs(a - b);
        double beyond = Math.max(0, apart - ROUNDING * Math.max(1, Math.abs(at)) / h);
        double scale = Math.max(Math.max(Math.abs(a), Math.abs(b)), SMALL * largest);
        return Double.isNaN(apart) ? Double.POSITIVE_INFINITY : beyond == 0 ? 0 : beyond / scale;
    }

    /** Draws elements, in their order. */
    private int[] chosen(int count, int number) {
        int[] all = new int[count];
        Arrays.setAll(all, i -> i);
        if (count <= elements) {
            return all;
        }
        new RandomStream(seed, number).shuffle(all);
        int[] some = Arrays.copyOf(all, elements);
        Arrays.sort(some);
        return some;
    }
}
