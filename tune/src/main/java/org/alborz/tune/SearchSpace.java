package org.alborz.tune;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.alborz.random.RandomStream;

/**
 * What a search varies. A dimension may depend on an earlier choice: it has a value only where that has one of the values named.
 *
 * <pre>{@code
 * SearchSpace space = SearchSpace.builder()
 *         .logUniform("learning_rate", 1e-4, 1)
 *         .integer("layers", 1, 4)
 *         .choice("optimizer", "adam", "sgd")
 *         .uniform("momentum", 0, 0.99).when("optimizer", "sgd")
 *         .build();
 * }</pre>
 */
public final class SearchSpace {
    /** Position of a dimension without a value in {@link #encode}. */
    private static final double ABSENT = 0.5;

    private static final int MOST_OF_A_GRID = 1_000_000;

    private final List<Entry> entries;

    /** A dimension, and the choice and its values that it needs, or null. */
    private record Entry(Dimension dimension, String parent, Set<String> needed) {
        boolean holds(Map<String, Object> values) {
            return parent == null || needed.contains(values.get(parent));
        }

        @Override
        public String toString() {
            return parent == null ? dimension.toString() : dimension + " when " + parent + " in " + needed;
        }
    }

    private SearchSpace(List<Entry> entries) {
        this.entries = List.copyOf(entries);
    }

    public static Builder builder() {
        return new Builder();
    }

    /** Returns the dimensions in their order. */
    public List<Dimension> dimensions() {
        return entries.stream().map(Entry::dimension).toList();
    }

    /**
     * Returns the settings at a position.
     *
     * @param units one number from 0 to 1 for each dimension; those of dimensions without a value are not looked at
     */
    public Settings at(double[] units) {
        Map<String, Object> values = new LinkedHashMap<>();
        for (int i = 0; i < entries.size(); i++) {
            Entry entry = entries.get(i);
            if (entry.holds(values)) {
                values.put(entry.dimension.name(), entry.dimension.at(units[i]));
            }
        }
        return new Settings(values);
    }

    /** Draws settings: each dimension independently of the others. */
    public Settings random(RandomStream random) {
        double[] units = new double[entries.size()];
        for (int i = 0; i < units.length; i++) {
            units[i] = random.uniform();
        }
        return at(units);
    }

    /** Returns the positions that give these settings; 0.5 for dimensions without a value. */
    public double[] units(Settings settings) {
        double[] units = new double[entries.size()];
        for (int i = 0; i < units.length; i++) {
            Dimension dimension = entries.get(i).dimension;
            Object value = settings.values().get(dimension.name());
            units[i] = value == null ? ABSENT : dimension.unit(value);
        }
        return units;
    }

    /**
     * Returns every combination of the dimensions' grids.
     *
     * @param points values of a numeric dimension
     * @throws IllegalArgumentException when there are over a million
     */
    public List<Settings> grid(int points) {
        if (points < 1) {
            throw new IllegalArgumentException("A grid expects at least 1 point a dimension, got " + points);
        }
        List<Map<String, Object>> all = List.of(Map.of());
        for (Entry entry : entries) {
            List<Object> values = entry.dimension.grid(points);
            List<Map<String, Object>> longer = new ArrayList<>();
            for (Map<String, Object> first : all) {
                if (!entry.holds(first)) {
                    longer.add(first);
                    continue;
                }
                if ((long) longer.size() + values.size() > MOST_OF_A_GRID) {
                    throw new IllegalArgumentException("A grid of " + points + " points a dimension has over "
                            + MOST_OF_A_GRID + " combinations; take fewer points or dimensions, or search at random");
                }
                for (Object value : values) {
                    Map<String, Object> next = new LinkedHashMap<>(first);
                    next.put(entry.dimension.name(), value);
                    longer.add(next);
                }
            }
            all = longer;
        }
        return all.stream().map(Settings::new).toList();
    }

    /**
     * Returns the settings as numbers for a model: the position of a number, and of a choice a 1 in the place of its value and 0 in those of
     * the others. Dimensions without a value have 0.5, choices 0 everywhere.
     */
    double[] encode(Settings settings) {
        double[] units = units(settings);
        double[] code = new double[codeLength()];
        int at = 0;
        for (int i = 0; i < units.length; i++) {
            if (entries.get(i).dimension instanceof Dimension.Choice choice) {
                Object value = settings.values().get(choice.name());
                if (value != null) {
                    code[at + choice.values().indexOf((String) value)] = 1;
                }
                at += choice.values().size();
            } else {
                code[at++] = units[i];
            }
        }
        return code;
    }

    int codeLength() {
        return entries.stream()
                .mapToInt(entry -> entry.dimension instanceof Dimension.Choice choice
                        ? choice.values().size()
                        : 1)
                .sum();
    }

    /**
     * Returns the settings with the values of this space's types.
     *
     * @throws IllegalArgumentException when they are none of this space
     */
    Settings require(Map<String, Object> given) {
        Map<String, Object> values = new LinkedHashMap<>();
        for (Entry entry : entries) {
            Object value = given.get(entry.dimension.name());
            if (entry.holds(values) != (value != null)) {
                throw new IllegalArgumentException(entry.dimension.name() + " has to have "
                        + (value == null ? "a value" : "none") + " in " + given);
            }
            if (value != null) {
                boolean real =
                        entry.dimension instanceof Dimension.Uniform || entry.dimension instanceof Dimension.LogUniform;
                Object typed = real && value instanceof Number number ? (Object) number.doubleValue() : value;
                entry.dimension.unit(typed);
                values.put(entry.dimension.name(), typed);
            }
        }
        if (!values.keySet().equals(given.keySet())) {
            throw new IllegalArgumentException("Expected only " + values.keySet() + ", got " + given.keySet());
        }
        return new Settings(values);
    }

    @Override
    public String toString() {
        return entries.stream().map(Entry::toString).collect(Collectors.joining(", "));
    }

    /** Collects dimensions. */
    public static final class Builder {
        private final List<Entry> entries = new ArrayList<>();

        private Builder() {}

        /** Adds real numbers from low to high. */
        public Builder uniform(String name, double low, double high) {
            return add(new Dimension.Uniform(name, low, high));
        }

        /** Adds real numbers from low, above 0, to high, whose logarithms are equally distributed. */
        public Builder logUniform(String name, double low, double high) {
            return add(new Dimension.LogUniform(name, low, high));
        }

        /** Adds the whole numbers from low to high. */
        public Builder integer(String name, int low, int high) {
            return add(new Dimension.Integers(name, low, high, false));
        }

        /** Adds the whole numbers from low, at least 1, to high, whose logarithms are equally distributed. */
        public Builder logInteger(String name, int low, int high) {
            return add(new Dimension.Integers(name, low, high, true));
        }

        /** Adds one of some words. */
        public Builder choice(String name, String... values) {
            return add(new Dimension.Choice(name, List.of(values)));
        }

        /** Adds a dimension. */
        public Builder add(Dimension dimension) {
            if (find(dimension.name()) != null) {
                throw new IllegalArgumentException("There already is a dimension " + dimension.name());
            }
            entries.add(new Entry(dimension, null, Set.of()));
            return this;
        }

        /** Makes the dimension that was added last depend on an earlier choice: it has a value only where that has one of these. */
        public Builder when(String choice, String... values) {
            if (entries.isEmpty() || entries.get(entries.size() - 1).parent != null) {
                throw new IllegalStateException("when(\"" + choice + "\", …) follows the dimension that depends on it");
            }
            Entry last = entries.remove(entries.size() - 1);
            Set<String> needed = new LinkedHashSet<>(List.of(values));
            if (!(find(choice) instanceof Dimension.Choice parent)
                    || needed.isEmpty()
                    || !parent.values().containsAll(needed)) {
                throw new IllegalArgumentException(last.dimension.name()
                        + " expects an earlier choice and some of its values, got " + choice + " and " + needed);
            }
            entries.add(new Entry(last.dimension, choice, needed));
            return this;
        }

        private Dimension find(String name) {
            return entries.stream()
                    .map(Entry::dimension)
                    .filter(dimension -> dimension.name().equals(name))
                    .findFirst()
                    .orElse(null);
        }

        public SearchSpace build() {
            if (entries.isEmpty()) {
                throw new IllegalStateException("A search space expects at least one dimension");
            }
            return new SearchSpace(entries);
        }
    }
}
