package org.alborz.tune;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.alborz.text.Given;

/** A setting that a search varies, and the values it may have. */
public sealed interface Dimension {
    /** Returns the name of the setting. */
    String name();

    /**
     * Returns the value at a position: a {@link Double}, an {@link Integer} or a {@link String}.
     *
     * @param unit from 0 to 1; equally distributed positions give equally distributed values, of logarithmic ones their logarithms
     */
    Object at(double unit);

    /**
     * Returns the position of a value, in the middle of the positions that give it.
     *
     * @throws IllegalArgumentException when it is none of the values
     */
    double unit(Object value);

    /** Returns values that cover the range evenly: so many, or all where there are fewer; of a choice always all. */
    List<Object> grid(int points);

    /** Real numbers from low to high. */
    record Uniform(String name, double low, double high) implements Dimension {
        public Uniform {
            Checks.name(name);
            Checks.range(name, low, high);
        }

        @Override
        public Object at(double unit) {
            return Math.min(high, low + unit * (high - low));
        }

        @Override
        public double unit(Object value) {
            return (Checks.number(this, value, low, high) - low) / (high - low);
        }

        @Override
        public List<Object> grid(int points) {
            return Checks.positions(this, points);
        }
    }

    /** Real numbers from low, above 0, to high, whose logarithms are equally distributed. */
    record LogUniform(String name, double low, double high) implements Dimension {
        public LogUniform {
            Checks.name(name);
            Checks.range(name, low, high);
            Given.above0(low, "The low end of " + name + ", on a logarithmic scale,");
        }

        @Override
        public Object at(double unit) {
            return Math.max(low, Math.min(high, low * Math.pow(high / low, unit)));
        }

        @Override
        public double unit(Object value) {
            return Math.log(Checks.number(this, value, low, high) / low) / Math.log(high / low);
        }

        @Override
        public List<Object> grid(int points) {
            return Checks.positions(this, points);
        }
    }

    /**
     * Whole numbers.
     *
     * @param low the least
     * @param high the greatest
     * @param logarithmic whether their logarithms are equally distributed; then low is at least 1
     */
    record Integers(String name, int low, int high, boolean logarithmic) implements Dimension {
        public Integers {
            Checks.name(name);
            if (low > high || logarithmic && low < 1) {
                throw new IllegalArgumentException(name + " expects whole numbers from low to high"
                        + (logarithmic ? ", and on a logarithmic scale a low of at least 1" : "") + ", got " + low
                        + " and " + high);
            }
        }

        @Override
        public Object at(double unit) {
            double from = edge(low);
            double value = from + unit * (edge(high + 1.0) - from);
            double number = Math.floor(logarithmic ? Math.exp(value) : value);
            return (int) Math.max(low, Math.min(high, number));
        }

        /** Where the positions of a number begin: each has those from itself, less a half, to the next's. */
        private double edge(double number) {
            return logarithmic ? Math.log(number) : number;
        }

        @Override
        public double unit(Object value) {
            double number = Checks.number(this, value, low, high);
            double from = edge(low);
            double middle = (edge(number) + edge(number + 1)) / 2;
            return (middle - from) / (edge(high + 1.0) - from);
        }

        @Override
        public List<Object> grid(int points) {
            if ((long) high - low < points) {
                List<Object> all = new ArrayList<>();
                for (long i = low; i <= high; i++) {
                    all.add((int) i);
                }
                return all;
            }
            Set<Object> values = new LinkedHashSet<>();
            for (int i = 0; i < points; i++) {
                double part = points == 1 ? 0.5 : i / (points - 1.0);
                double value =
                        logarithmic ? low * Math.pow((double) high / low, part) : low + part * ((double) high - low);
                values.add((int) Math.round(value));
            }
            return List.copyOf(values);
        }
    }

    /** One of some words, which have no order. */
    record Choice(String name, List<String> values) implements Dimension {
        public Choice {
            Checks.name(name);
            values = List.copyOf(values);
            if (values.isEmpty() || Set.copyOf(values).size() < values.size()) {
                throw new IllegalArgumentException(name + " expects different values to choose from, got " + values);
            }
        }

        @Override
        public Object at(double unit) {
            return values.get((int) Math.min(values.size() - 1.0, unit * values.size()));
        }

        @Override
        public double unit(Object value) {
            int index = value instanceof String ? values.indexOf(value) : -1;
            if (index < 0) {
                throw new IllegalArgumentException(name + " expects one of " + values + ", got " + value);
            }
            return (index + 0.5) / values.size();
        }

        @Override
        public List<Object> grid(int points) {
            return List.copyOf(values);
        }
    }
}
