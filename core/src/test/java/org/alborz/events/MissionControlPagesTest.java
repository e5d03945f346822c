package org.alborz.events;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import jdk.jfr.DataAmount;
import jdk.jfr.EventType;
import jdk.jfr.ValueDescriptor;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

/**
 * Holds the pages for JDK Mission Control to the events: names of types and of columns, with the kinds of content that Mission Control gives them. The
 * file was read by the parser and the filters of Mission Control 9.1.1 (org.openjdk.jmc:common, flightrecorder), on a recording of a training.
 */
class MissionControlPagesTest {
    private static final Path PAGES = Path.of("../docs/guide/alborz-jmc.xml");

    /** Kinds of content that Mission Control adds up. */
    private static final Set<String> SUMMED = Set.of("timespan", "memory", "number");

    private final Map<String, EventType> types = new HashMap<>();

    /** Returns what Mission Control calls the content of a field. */
    private static String kind(ValueDescriptor field) {
        if (field.getAnnotation(DataAmount.class) != null) {
            return "memory";
        }
        return switch (field.getTypeName()) {
            case "java.lang.String" -> "text";
            case "long" ->
                field.getName().equals("duration")
                        ? "timespan"
                        : field.getName().equals("startTime") ? "timestamp" : "raw number";
            case "int", "double" -> "number";
            default -> field.getTypeName();
        };
    }

    private static Set<String> columns(EventType type) {
        Set<String> columns = new HashSet<>();
        type.getFields().forEach(field -> columns.add(field.getName() + ":" + kind(field)));
        return columns;
    }

    @Test
    void everyPageIsOfEventsAndColumnsThatThereAre() throws Exception {
        assertThat(PAGES).exists();
        Stream.of(TrainingStepEvent.class, OperationEvent.class, CopyEvent.class, AllocationEvent.class)
                .map(EventType::getEventType)
                .forEach(type -> types.put(type.getName(), type));
        Document document =
                DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(PAGES.toFile());
        Set<String> shown = new HashSet<>();
        List<Element> pages = all(document.getDocumentElement(), "page");
        for (Element page : pages) {
            assertThat(page.getAttribute("factory")).isEqualTo("org.openjdk.jmc.flightrecorder.ui.itemhandler");
            Element state = children(page, "state").get(0);
            List<String> filtered = filtered(children(state, "pageFilter").get(0));
            assertThat(types).as(state.getAttribute("name")).containsKeys(filtered.toArray(String[]::new));
            shown.addAll(filtered);
            Set<String> common = columns(types.get(filtered.get(0)));
            filtered.forEach(type -> common.retainAll(columns(types.get(type))));
            requireColumns(state, common);
        }
        assertThat(pages).hasSizeGreaterThan(4);
        assertThat(shown).isEqualTo(types.keySet());
    }

    private static void requireColumns(Element state, Set<String> known) {
        for (Element column : all(state, "column")) {
            String id = column.getAttribute("id");
            boolean isSummed = id.matches("(SUM|AVG|MIN|MAX).*");
            String plain = isSummed ? id.substring(3) : id;
            if (!id.startsWith("itemhistogram.")) {
                assertThat(known).contains(plain);
            }
            assertThat(!isSummed || SUMMED.contains(plain.replaceFirst(".*:", "")))
                    .as(id)
                    .isTrue();
        }
        for (Element group : Stream.of("histogram", "child")
                .flatMap(name -> all(state, name).stream())
                .toList()) {
            String by = group.getAttribute("groupBy");
            assertThat(by.equals("(eventType)") || known.stream().anyMatch(column -> column.startsWith(by + ":")))
                    .as(by)
                    .isTrue();
        }
        for (Element chart : all(state, "chartSettings")) {
            assertThat(known).contains(chart.getAttribute("lineChartAttributes").split(","));
        }
    }

    private static List<String> filtered(Element filter) {
        return filter.getAttribute("kind").equals("TYPE")
                ? List.of(filter.getAttribute("type"))
                : children(filter, "filter").stream()
                        .map(one -> one.getAttribute("type"))
                        .toList();
    }

    /** Returns the elements of a name below another one, but for those of pages within it. */
    private static List<Element> all(Element from, String name) {
        List<Element> found = new ArrayList<>();
        NodeList nodes = from.getElementsByTagName(name);
        for (int i = 0; i < nodes.getLength(); i++) {
            found.add((Element) nodes.item(i));
        }
        return found;
    }

    private static List<Element> children(Element from, String name) {
        return all(from, name).stream()
                .filter(element -> element.getParentNode() == from)
                .toList();
    }
}
