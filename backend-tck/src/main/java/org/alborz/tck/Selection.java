package org.alborz.tck;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicContainer;
import org.junit.jupiter.api.DynamicNode;

/**
 * The tests whose name, or whose group's name, contains one of the words of the system property {@code alborz.tck.only}; all without it.
 * Case is ignored.
 */
final class Selection {
    private static final List<String> WORDS = words(System.getProperty("alborz.tck.only", ""));

    private Selection() {}

    static Stream<DynamicNode> of(Stream<? extends DynamicNode> tests) {
        return tests.flatMap(Selection::selected);
    }

    private static Stream<DynamicNode> selected(DynamicNode node) {
        if (WORDS.isEmpty() || WORDS.stream().anyMatch(name(node)::contains)) {
            return Stream.of(node);
        }
        if (node instanceof DynamicContainer container) {
            List<DynamicNode> children = of(container.getChildren()).toList();
            return children.isEmpty()
                    ? Stream.empty()
                    : Stream.of(DynamicContainer.dynamicContainer(node.getDisplayName(), children));
        }
        return Stream.empty();
    }

    private static String name(DynamicNode node) {
        return node.getDisplayName().toLowerCase(Locale.ROOT);
    }

    private static List<String> words(String property) {
        return Arrays.stream(property.toLowerCase(Locale.ROOT).split(","))
                .filter(word -> !word.isBlank())
                .toList();
    }
}
