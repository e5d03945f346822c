/** Nets that are known by name. */
package org.alborz.models;
