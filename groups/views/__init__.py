"""Pages of groups/: the list, a group with its roster, a member, sessions with roll call and notes, the chart's tab."""
