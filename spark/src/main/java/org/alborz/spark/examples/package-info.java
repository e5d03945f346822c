/** Programs that show training on Spark. */
package org.alborz.spark.examples;
