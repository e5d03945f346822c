package org.alborz.graph;

import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** A graph as text. */
final class Listing {
    private final Map<Value, String> names = new HashMap<>();
    private final StringBuilder text = new StringBuilder();

    private Listing() {}

    static String of(Graph graph) {
        Listing listing = new Listing();
        graph.leaves().forEach(leaf -> listing.line(listing.name(leaf.value()) + " = " + leaf));
        for (Step step : graph.steps()) {
            String inputs = step.inputs().stream().map(listing::name).collect(Collectors.joining(", "));
            boolean again = step.effect() == Step.Effect.INTO || step.effect() == Step.Effect.OVERWRITES;
            listing.line(listing.results(step.results()) + (again ? " <- " : " = ") + step.op() + "(" + inputs + ")");
        }
        if (graph.output() != null) {
            listing.line("returns " + listing.name(graph.output()));
        }
        listing.line(String.format(
                Locale.ROOT,
                "%d operations, %,d multiply-adds, %,d bytes read and written, %,d bytes of results",
                graph.steps().size(),
                graph.multiplyAdds(),
                graph.bytes(),
                graph.resultBytes()));
        return listing.text.toString();
    }

    private String results(List<Value> results) {
        return results.stream()
                .map(result -> name(result) + " " + result.spec())
                .collect(Collectors.joining(", "));
    }

    private String name(Value value) {
        return value == null ? "-" : names.computeIfAbsent(value, v -> "%" + names.size());
    }

    private void line(String line) {
        text.append(line).append('\n');
    }
}
