package org.alborz.examples.drawing;

import java.awt.image.BufferedImage;
import java.util.Arrays;
import java.util.List;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.CategoryChart;
import org.knowm.xchart.CategoryChartBuilder;
import org.knowm.xchart.style.Styler.LegendLayout;
import org.knowm.xchart.style.Styler.LegendPosition;

/** Bars over named categories, such as the accuracy of each class; several series stand beside each other. */
public final class Bars {
    private final CategoryChart chart;
    private final List<String> categories;
    private int series;

    /**
     * Begins a chart of 720 × 440 pixels.
     *
     * @throws IllegalStateException where this Java has no fonts
     */
    public Bars(String title, String yAxis, List<String> categories) {
        Fonts.require();
        this.categories = List.copyOf(categories);
        chart = new CategoryChartBuilder()
                .width(720)
                .height(440)
                .title(title)
                .yAxisTitle(yAxis)
                .build();
        Style.apply(chart.getStyler());
        chart.getStyler().setLegendPosition(LegendPosition.OutsideS);
        chart.getStyler().setLegendLayout(LegendLayout.Horizontal);
        chart.getStyler().setXAxisLabelRotation(categories.size() > 6 ? 45 : 0);
    }

    /** Adds a series: a number for each category. */
    public Bars add(String name, double... values) {
        chart.addSeries(name, categories, Arrays.stream(values).boxed().toList())
                .setFillColor(Style.colour(series));
        series++;
        return this;
    }

    /** Draws it, with a legend where there is more than one series. */
    public BufferedImage draw() {
        chart.getStyler().setLegendVisible(series > 1);
        return BitmapEncoder.getBufferedImage(chart);
    }
}
