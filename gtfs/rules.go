package gtfs

import "gevor/notice"

// rule names one thing that can be wrong with a timetable. What happens then is in the table below.
type rule string

const (
	ruleField       rule = "field-invalid"
	ruleMissing     rule = "field-missing"
	ruleDuplicate   rule = "key-duplicate"
	ruleReference   rule = "reference-unknown"
	ruleRecord      rule = "record-malformed"
	ruleLong        rule = "record-too-long"
	rulePlace       rule = "place-invalid"
	ruleDate        rule = "date-invalid"
	ruleTime        rule = "time-invalid"
	ruleTimeBack    rule = "time-decreases"
	ruleDepartFirst rule = "departure-before-arrival"
	ruleEnds        rule = "trip-end-without-time"
	ruleSequence    rule = "sequence-duplicate"
	ruleStation     rule = "stop-time-at-station"
	ruleHeadway     rule = "headway-invalid"
	ruleShortTrip   rule = "trip-without-ride"
	ruleInterpolate rule = "times-interpolated"
	ruleSuspicious  rule = "text-encoding-suspicious"
	ruleEncoding    rule = "text-not-utf8"
	ruleParent      rule = "parent-unknown"
	ruleRouteType   rule = "route-type-unknown"
	ruleAgency      rule = "agency-unknown"
	ruleOnDemand    rule = "boarding-on-request"
	ruleTransfer    rule = "transfer-kind-ignored"
	ruleIgnored     rule = "member-ignored"
	ruleNested      rule = "member-in-folder"
	ruleNoDays      rule = "service-without-days"
	ruleHeader      rule = "header-duplicate"
)

// ruleText says how severe a breach is and what to do; Reject means that the row is not used.
type ruleText struct {
	severity notice.Severity
	advice   string
}

// text is the table of all rules.
func (r rule) text() ruleText {
	switch r {
	case ruleField:
		return ruleText{notice.Reject, "write a value the GTFS reference allows for this field"}
	case ruleMissing:
		return ruleText{notice.Reject, "fill in this field; the record cannot be used without it"}
	case ruleDuplicate:
		return ruleText{notice.Reject, "give every record a key of its own; the first record was kept"}
	case ruleReference:
		return ruleText{notice.Reject, "add the record this one refers to, or correct the reference"}
	case ruleRecord:
		return ruleText{notice.Reject, "check quotes and the number of fields on this line"}
	case ruleLong:
		return ruleText{notice.Reject, "a quotation mark is probably not closed on this line"}
	case rulePlace:
		return ruleText{notice.Reject, "give longitude and latitude in degrees (WGS 84), not swapped and not 0/0"}
	case ruleDate:
		return ruleText{notice.Reject, "write dates as eight digits, YYYYMMDD"}
	case ruleTime:
		return ruleText{notice.Reject, "write times as H:MM:SS or HH:MM:SS; hours may exceed 24"}
	case ruleTimeBack:
		return ruleText{notice.Reject, "times must not decrease along a trip; this call was left out"}
	case ruleDepartFirst:
		return ruleText{notice.Warning, "a vehicle cannot leave before it arrives; the arrival was taken as departure"}
	case ruleEnds:
		return ruleText{notice.Reject, "the first and the last call of a trip need a time; this call was left out"}
	case ruleSequence:
		return ruleText{notice.Reject, "stop_sequence must be unique within a trip; the first call was kept"}
	case ruleStation:
		return ruleText{notice.Reject, "stop times must name a platform, not a station, entrance or node"}
	case ruleHeadway:
		return ruleText{notice.Reject, "headway_secs must be positive and end_time after start_time"}
	case ruleShortTrip:
		return ruleText{notice.Warning, "the trip has fewer than two usable calls and carries nobody"}
	case ruleInterpolate:
		return ruleText{notice.Info, "calls without a time were placed by distance between the timed calls before and after"}
	case ruleSuspicious:
		return ruleText{notice.Info, "the text looks as if UTF-8 had been encoded twice; it was left as it is"}
	case ruleEncoding:
		return ruleText{notice.Warning, "save the file as UTF-8; unreadable characters were replaced"}
	case ruleParent:
		return ruleText{notice.Warning, "parent_station names no station of this feed; the stop stands alone"}
	case ruleRouteType:
		return ruleText{notice.Info, "route_type is not in the GTFS reference; the line is used all the same"}
	case ruleAgency:
		return ruleText{notice.Warning, "agency_id names no agency of this feed; the line is used all the same"}
	case ruleOnDemand:
		return ruleText{notice.Info, "boarding or alighting on request is counted as possible"}
	case ruleTransfer:
		return ruleText{notice.Info, "transfers between single trips or routes and in-seat transfers are not used"}
	case ruleIgnored:
		return ruleText{notice.Info, "this member has no influence on travel times here and was not read"}
	case ruleNested:
		return ruleText{notice.Warning, "put the members at the top of the archive; the one in a folder was used"}
	case ruleNoDays:
		return ruleText{notice.Info, "the service has no weekday and no added date; its trips never run"}
	case ruleHeader:
		return ruleText{notice.Warning, "a column name occurs twice; the first column was used"}
	}
	return ruleText{notice.Warning, ""}
}
